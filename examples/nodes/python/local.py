"""A node that answers from its own copy, and sends each write to the others. It is wrong on purpose."""
import json
import sys

me, others, store = None, [], {}


def send(dest, **body):
    print(json.dumps({"src": me, "dest": dest, "body": body}), flush=True)


for line in sys.stdin:
    message = json.loads(line)
    src, body = message["src"], message["body"]
    kind, key, number = body["type"], body.get("key"), body.get("msg_id")
    if kind == "init":
        me = body["node_id"]
        others = [node for node in body["node_ids"] if node != me]
        send(src, type="init_ok", in_reply_to=number)
    elif kind == "write":
        store[key] = body["value"]
        send(src, type="write_ok", in_reply_to=number)
        for node in others:
            send(node, type="copy", key=key, value=body["value"])
    elif kind == "copy":
        store[key] = body["value"]
    elif kind == "read" and key in store:
        send(src, type="read_ok", value=store[key], in_reply_to=number)
    elif kind == "read":
        send(src, type="error", code=20, text="no such key", in_reply_to=number)
    elif kind == "dump":
        send(src, type="dump_ok", store=store, in_reply_to=number)
    else:
        send(src, type="error", code=10, text="what is " + kind, in_reply_to=number)
