// A node that keeps nothing: it asks a service of the master, and passes the answer on.
// `node keeper.js SERVICE`
import { createInterface } from 'node:readline';

const [, , service] = process.argv;
const asked = new Map();
let me = '';
let count = 0;

function send(dest, body) {
  process.stdout.write(`${JSON.stringify({ src: me, dest, body })}\n`);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { src, body } = JSON.parse(line);
  if (body.type === 'init') {
    me = body.node_id;
    send(src, { type: 'init_ok', in_reply_to: body.msg_id });
  } else if (src === service) {
    const { src: client, id } = asked.get(body.in_reply_to);
    send(client, { ...body, in_reply_to: id });
  } else {
    count += 1;
    asked.set(count, { src, id: body.msg_id });
    send(service, { ...body, msg_id: count });
  }
});
