// Ports of this machine for programs that have to be told theirs.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { EnvironmentError } from '../../kernel/cluster.ts';

export const LOOPBACK = '127.0.0.1';

/** Below the range from which systems give ports to outgoing connections. */
const [LEAST, BELOW] = [10_000, 32_768];
const MOST_TRIES = 100;

/**
 * A port that is free now. Another process may take it before the caller's program does. Rejects
 * with an EnvironmentError.
 */
export async function findPort(): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const port = randomInt(LEAST, BELOW);
    if (await isFree(port)) return port;
  }
  throw new EnvironmentError('E_LIMIT', `no free port from ${LEAST} to ${BELOW - 1}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
