// Runs the built programs, so that a code cache with the functions that are really used can lie
// beside each part: scripts in both worlds, with each protocol, with a log and without one.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEEP_CACHES = fileURLToPath(new URL('keepCaches.cjs', import.meta.url));

/** Puts until all servers have taken some, whichever the clients choose. */
const PUTS = Array.from({ length: 20 }, (_, count) => `put ${8 + (count % 2)} k${count % 7} v\n`);
const JOINS = 'joinServer 0\njoinServer 1\njoinServer 2\njoinClient 8 0\njoinClient 9 1\n';
const REST = 'get 8 k1\ndelete 9 k1\nkillServer 2\nstabilize\nprintStore 0\nget 9 k2\n';

/** The usual one last: then its own functions are there for certain. */
const PROTOCOLS = ['chain', 'causal'];

const scriptFor = (protocol) => `protocol ${protocol}\n${JOINS}${PUTS.join('')}${REST}`;

/** One after the other: what a run adds to a cache comes on top of what was there. */
export async function warmUp(dist) {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-build-'));
  try {
    for (const protocol of PROTOCOLS) {
      const logged = ['--storage', 'log', '--data', join(folder, protocol)];
      for (const words of [logged, [], ['--sim']]) await run(dist, words, scriptFor(protocol));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Rejects if the program cannot run it: it would not do so for others either. */
function run(dist, words, script) {
  const args = [join(dist, 'master.cjs'), ...words];
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'ignore', 2],
    env: { ...process.env, NODE_OPTIONS: `--require ${JSON.stringify(KEEP_CACHES)}` },
  });
  child.stdin.on('error', () => undefined).end(script);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`a run to warm up ended with ${status}: ${words.join(' ')}`));
    });
  });
}
