// A node that does one thing wrong: `node bad.js MODE [MARK]`. It answers `init` unless the mode is about
// that, and then `read` with the value `fine`.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const [, , mode, mark = ''] = process.argv;
let me = 'n?';
let peers = [];
let kept;

function write(text) {
  process.stdout.write(text);
}

function lineTo(dest, body, src = me) {
  return `${JSON.stringify({ src, dest, body })}\n`;
}

function send(dest, body, src = me) {
  write(lineTo(dest, body, src));
}

function pour(text) {
  write(text);
  const again = () => pour(text);
  if (process.stdout.writableNeedDrain) process.stdout.once('drain', again);
  else setImmediate(again);
}

function floodTo(dest, count) {
  pour(lineTo(dest, { type: 'flood', text: 'x'.repeat(10_000) }).repeat(count));
}

/** What the node does right after its answer to `init`. */
const AFTER_INIT = {
  garbage: () => write('Server is ready\nand well\n'),
  'not a message': () => write('{"hello": 1}\n[1, 2]\n'),
  'a long line': () => write(`{"src": "${'x'.repeat(3_000_000)}"}\n`),
  'not UTF-8': () => process.stdout.write(Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a])),
  'a flood of short lines': () => pour('y\n'.repeat(30_000)),
  'a flood to a service': () => pour(lineTo('lin-kv', { type: 'read', key: 'k' }).repeat(500)),
  'a flood to nobody': () => floodTo('n99', 10),
  'a flood to itself': () => floodTo(me, 10),
  nobody: () => send('somebody', { type: 'hello' }),
  'the name of another': () => send(peers[0], { type: 'hello' }, 'n7'),
  'an answer that nobody asked for': () => send('c5', { type: 'read_ok', in_reply_to: 4711 }),
  'much on stderr': () => {
    for (let at = 0; at < 200; at += 1) process.stderr.write(`${at} ${'e'.repeat(50_000)}\n`);
  },
  grandchildren: () => {
    for (const detached of [false, true]) {
      const idle = ['-e', 'setTimeout(() => undefined, 1e6)', mark];
      spawn(process.execPath, idle, { detached, stdio: 'inherit' }).unref();
    }
  },
  'a closed stdout': () => process.stdout.end(),
};

function answerRead(src, id, body) {
  // In the client's name, as solutions of Maelstrom's chapter on Raft do.
  if (mode === 'passes on' && me === 'n0') {
    send('n1', body, src);
    return;
  }
  const reply = { type: 'read_ok', value: 'fine', in_reply_to: id };
  if (mode === 'keeps the first answer') {
    const isFirst = kept === undefined;
    if (isFirst) kept = lineTo(src, { ...reply, value: 'kept' });
    else write(kept);
    if (isFirst) return;
  }
  if (mode === 'a text as a number') reply.in_reply_to = String(id);
  if (mode === 'never') return;
  if (mode === 'death in mid-line') {
    process.stderr.write('about to die\n');
    process.stdout.write('{"src": "n0", "de', () => process.exit(7));
    return;
  }
  if (mode === 'another type') reply.type = 'write_ok';
  if (mode === 'no text') reply.value = { a: 1 };
  send(src, reply);
  if (mode === 'twice') send(src, reply);
  if (mode === 'a flood to a peer') floodTo(peers[0], 10);
}

function handle({ src, body }) {
  const { type, msg_id: id } = body;
  if (type === 'init') {
    if (mode === 'silence') return;
    me = body.node_id;
    peers = body.node_ids.filter((node) => node !== me);
    if (mode === 'a refused init')
      send(src, { type: 'error', code: 13, text: 'no', in_reply_to: id });
    else if (mode === 'init without a number') send(src, { type: 'init_ok' });
    else if (mode === 'init without an end') write(lineTo(src, { type: 'init_ok' }).trimEnd());
    else send(src, { type: 'init_ok', in_reply_to: id });
    AFTER_INIT[mode]?.();
  } else if (type === 'read') answerRead(src, id, body);
  else if (type === 'dump') {
    if (mode === 'a bad dump') send(src, { type: 'dump_ok', store: { k: [1] }, in_reply_to: id });
    else if (mode !== 'never') send(src, { type: 'error', code: 10, in_reply_to: id });
  } else if (type === 'write' && mode === 'contradicts itself') {
    send(src, { type: 'error', code: 11, in_reply_to: id });
    send(src, { type: 'write_ok', in_reply_to: id });
  } else if (type !== 'flood' && !type.endsWith('_ok') && body.code === undefined)
    send(src, { type: 'error', code: 1234, text: 'what?', in_reply_to: id });
}

if (mode === 'exits at once') {
  process.stderr.write('no configuration\nTraceback: of the node\n');
  process.exit(3);
}
if (mode === 'ignores SIGTERM') process.on('SIGTERM', () => undefined);
createInterface({ input: process.stdin }).on('line', (line) => handle(JSON.parse(line)));
