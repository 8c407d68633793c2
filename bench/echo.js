// The floor of every hop: a process that sends back what it gets, with nothing in between. Given a
// port it is the middle of a chain of three: it passes on what its parent sends to the listener of
// that port, and hands back what comes.
import { connect, createServer } from 'node:net';

const [, , port] = process.argv;

function echo() {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => socket.write(chunk));
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

/** Messages are lines on the one side, whole on the other. */
function relay(to) {
  const socket = connect(to, '127.0.0.1', () => process.send(to));
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  let rest = '';
  socket.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) process.send(line);
  });
  process.on('message', (message) => socket.write(`${message}\n`, 'latin1'));
}

if (port === undefined) echo();
else relay(Number(port));
process.on('disconnect', () => process.exit());
