// Mistakes that a shipped script shows by its answers: what random scripts meet too seldom.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { importMutated } from './twins/mutate.ts';
import type { answersOf } from './twins/shipped.ts';

const replica = 'src/protocols/quorum/replica.ts';
const TWINS = [
  {
    name: 'a holder does not send its hints when it starts',
    script: 'quorum/holder-down',
    edits: [
      {
        file: replica,
        find: '    this.#tasks.run(() => this.#handOff.deliver(peer));\n',
        replace: '',
      },
      {
        file: replica,
        find: '    this.#tasks.run(() => this.#handOff.announce(peer));\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a member without its data counts for reads',
    script: 'quorum/lost-memory',
    edits: [
      {
        file: 'src/protocols/quorum/state.ts',
        find: 'if (!this.isComplete) throw',
        replace: 'if (this.self.id < 0) throw',
      },
    ],
  },
  {
    name: 'a shard begins anew with what an undone move has brought',
    script: 'sharded/given-up',
    edits: [
      {
        file: 'src/protocols/sharded/configuration.ts',
        find: '.filter((slot) => configuration.owners[slot] !== null)',
        replace: '',
      },
      {
        file: 'src/protocols/sharded/moving.ts',
        find: 'log.shards.shard(slot) === undefined',
        replace: 'slot >= 0',
      },
    ],
  },
] as const;

async function answersIn(script: string, edits: (typeof TWINS)[number]['edits'] | []) {
  const path = fileURLToPath(new URL(`../inputs/${script}.txt`, import.meta.url));
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const module = await importMutated('test/twins/shipped.ts', edits);
  return (module as { answersOf: typeof answersOf }).answersOf(lines);
}

test.each(TWINS)('$name: $script shows it', async ({ script, edits }) => {
  const [right, wrong] = [await answersIn(script, []), await answersIn(script, edits)];
  expect(right.length).toBeGreaterThan(0);
  expect(wrong).not.toEqual(right);
  expect(wrong).toHaveLength(right.length);
});
