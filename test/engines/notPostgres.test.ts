// Addresses where what answers is not PostgreSQL, or nothing does: the run says so, and goes on.
import { createServer, type Server } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { findPort } from '../../src/engines/tcp/ports.ts';
import { runNodes } from './runNodes.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** Authentication is done, and the server is ready. */
const READY = '5200000008000000005a0000000549';
/** A row with no column, and its end. */
const EMPTY_ROW = '54000000060000440000000600004300000005005a0000000549';

/** Answers the first words with one text, the others with another one, in hexadecimal digits. */
async function listen(first: string, others: string): Promise<number> {
  const port = await findPort();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(Buffer.from(first, 'hex'));
      socket.on('data', () => socket.write(Buffer.from(others, 'hex')));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return port;
}

async function join(port: number, query = ''): Promise<string> {
  const endpoint = `postgres://me@127.0.0.1:${port}/db${query}`;
  const ran = await runNodes(
    `protocol postgres endpoints=${endpoint}\njoinServer 0\nprintStore 0\n`,
  );
  expect(ran.status).toBe(65);
  return /note: server 0 could not join: (.*)/.exec(ran.stderr)?.[1] ?? ran.stderr;
}

describe('an address', () => {
  it('of nobody is refused with the reason', async () => {
    const port = await findPort();
    expect(await join(port)).toBe(`connect ECONNREFUSED 127.0.0.1:${port}`);
  });

  it.each([
    ['rows of another kind', EMPTY_ROW],
    ['a description that ends too early', '54000000060005'],
    ['a row that ends too early', '44000000060005'],
    ['an error without a text', '450000000400'],
  ])('with %s is not taken for PostgreSQL', async (_what, answer) => {
    expect(await join(await listen(READY, answer))).toBe('it does not answer as PostgreSQL does');
  });

  it('with a file that is not there is refused', async () => {
    const why = await join(await findPort(), '?sslrootcert=/no/such/file');
    expect(why).toContain('no such file or directory');
  });
});
