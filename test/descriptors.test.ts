// Programs with a low limit of open files: each part that is loaded, each process and each socket
// needs some. The program reports this in one line as a fault of the machine, never as a bug.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { sample } from './support/extent.ts';

const MASTER = fileURLToPath(new URL('../master.js', import.meta.url));
const SCRIPT = 'joinServer 0\njoinClient 5 0\nput 5 k v\nget 5 k\n';

function runWith(descriptors: number, words: readonly string[]) {
  const limited = `ulimit -n ${descriptors}; exec "$0" "$@"`;
  const args = ['-c', limited, process.execPath, MASTER, ...words];
  return spawnSync('bash', args, { input: SCRIPT, encoding: 'utf8' });
}

it.each([
  ['a script', []],
  ['a swarm', ['swarm', '--seeds', '2', '--jobs', '2']],
  ['a grading', ['grade', 'chain', '--processes']],
])('%s ends well, or with 71 and the reason', (_what, words) => {
  const statuses = new Set<number | null>();
  for (const descriptors of sample([20, 21, 22, 24], 2)) {
    const { status, stderr } = runWith(descriptors, words);
    statuses.add(status);
    if (status !== 0) {
      expect([status, stderr]).toEqual([
        71,
        expect.stringMatching(/^causeway: E_(LIMIT|IO): .*EMFILE.*\n$/),
      ]);
    }
  }
  expect(statuses).toContain(71);
});
