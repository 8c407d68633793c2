"""A linearizable node: reads and writes ask a majority twice (Attiya, Bar-Noy, Dolev, JACM 1995).

It keeps everything in memory, so a majority of the nodes must not be killed in one run.
"""
import json
import sys

me, nodes = None, []
store = {}  # by key: [version, value]; a version is a count and the node that made it
waiting = {}  # by msg_id: the replies by node, and what to do with those of a majority
count = 0


def send(dest, **body):
    print(json.dumps({"src": me, "dest": dest, "body": body}), flush=True)


def ask_all(then, **body):
    """Asks every node, this one too, and calls `then` once with the replies of a majority."""
    global count
    count += 1
    waiting[count] = ({}, then)
    for node in nodes:
        send(node, msg_id=count, **body)


def newest(replies):
    return max((reply["entry"] for reply in replies), key=lambda entry: entry[0])


def write(src, body):
    def decide(replies):
        version = [newest(replies)[0][0] + 1, me]
        entry = [version, body["value"]]
        ask_all(done, type="store", key=body["key"], entry=entry)

    def done(_replies):
        send(src, type="write_ok", in_reply_to=body["msg_id"])

    ask_all(decide, type="query", key=body["key"])


def read(src, body):
    def decide(replies):
        entry = newest(replies)
        # A later read must not find an older value, so a majority has to hold this one.
        ask_all(lambda _replies: answer(entry), type="store", key=body["key"], entry=entry)

    def answer(entry):
        if entry[1] is None:
            send(src, type="error", code=20, text="no such key", in_reply_to=body["msg_id"])
        else:
            send(src, type="read_ok", value=entry[1], in_reply_to=body["msg_id"])

    ask_all(decide, type="query", key=body["key"])


def handle(src, body):
    global me, nodes
    kind, number = body["type"], body.get("msg_id")
    if kind == "init":
        me, nodes = body["node_id"], body["node_ids"]
        send(src, type="init_ok", in_reply_to=number)
    elif kind == "read":
        read(src, body)
    elif kind == "write":
        write(src, body)
    elif kind == "query":
        entry = store.get(body["key"], [[0, ""], None])
        send(src, type="found", entry=entry, in_reply_to=number)
    elif kind == "store":
        held = store.get(body["key"], [[0, ""], None])
        store[body["key"]] = max(held, body["entry"], key=lambda entry: entry[0])
        send(src, type="stored", in_reply_to=number)
    elif kind in ("found", "stored"):
        replies, then = waiting.get(body["in_reply_to"], ({}, None))
        replies[src] = body  # a reply may arrive twice
        if then and len(replies) > len(nodes) // 2:
            del waiting[body["in_reply_to"]]
            then(replies.values())
    elif kind == "dump":
        values = {key: value for key, (_version, value) in store.items() if value is not None}
        send(src, type="dump_ok", store=values, in_reply_to=number)
    else:
        send(src, type="error", code=10, text="what is " + kind, in_reply_to=number)


for line in sys.stdin:
    message = json.loads(line)
    handle(message["src"], message["body"])
