// Runs the built programs, so that a code cache with the functions that are really used can lie
// beside each part: scripts in both worlds, with each protocol, with a log and without one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEEP_CACHES = fileURLToPath(new URL('keepCaches.cjs', import.meta.url));

/** Puts until all servers have taken some, whichever the clients choose. */
const PUTS = Array.from({ length: 20 }, (_, count) => `put ${8 + (count % 2)} k${count % 7} v\n`);
const JOINS = 'joinServer 0\njoinServer 1\njoinServer 2\njoinClient 8 0\njoinClient 9 1\n';
const REST = 'get 8 k1\ndelete 9 k1\nkillServer 2\nstabilize\nget 9 k2\nprintStore 0\n';

const scriptFor = (protocol) => `protocol ${protocol}\n${JOINS}${PUTS.join('')}${REST}`;

/**
 * One after the other: what a run adds to a cache comes on top of what was there. The usual ones
 * last: then their own functions are there for certain.
 */
export async function warmUp(dist) {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-build-'));
  const endpoints = join(folder, 'endpoints');
  const useAll = (protocol) => {
    const logged = ['--storage', 'log', '--data', join(folder, protocol)];
    const words = [...logged, '--endpoints', endpoints];
    return run(dist, folder, words, scriptFor(protocol), () => askOverHttp(endpoints));
  };
  try {
    await useAll('chain');
    await run(dist, folder, ['--sim'], scriptFor('chain'));
    await useAll('causal');
    await run(dist, folder, [], scriptFor('causal'));
    await run(dist, folder, ['--sim'], scriptFor('causal'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Calls `whileItLives` before the script's end. `folder` is for what it may leave behind. Rejects if the program cannot run it: it would not
 * do so for others either.
 */
async function run(dist, folder, words, script, whileItLives = async () => undefined) {
  const keepCaches = { NODE_OPTIONS: `--require ${JSON.stringify(KEEP_CACHES)}` };
  const child = spawn(process.execPath, [join(dist, 'master.cjs'), ...words], {
    stdio: ['pipe', 'pipe', 2],
    // At the first run all caches are missing: it would keep its own in the user's folder.
    env: { ...process.env, ...keepCaches, XDG_CACHE_HOME: folder },
  });
  const closed = once(child, 'close');
  child.stdin.on('error', () => undefined).write(script);
  await Promise.race([answered(child), closed]);
  await whileItLives();
  child.stdin.end();
  const [status] = await closed;
  if (status !== 0) throw new Error(`a run to warm up ended with ${status}: ${words.join(' ')}`);
}

/** Resolves when what the last line of the script prints has come. */
async function answered({ stdout }) {
  let text = '';
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (/^k6:v$/m.test(text)) break;
  }
  stdout.resume();
}

async function askOverHttp(endpoints) {
  const { nodes, tokens } = JSON.parse(readFileSync(endpoints, 'utf8'));
  const ask = ({ port }) =>
    fetch(`http://127.0.0.1:${port}/rpc`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.master}`, 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'inspect', params: {} }),
    }).then((response) => response.text());
  await Promise.all(nodes.map(ask));
}
