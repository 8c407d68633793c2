// A page's run checks the invariants of its protocol, as `--sim` does: a failing twin shows it.
import { expect, it } from 'vitest';
import { runScript } from '../../src/web/run/runScript.ts';
import { importMutated } from '../twins/mutate.ts';
import { SHARDED_TWINS } from '../twins/sharded.ts';

const SCRIPT = `protocol sharded
joinServer 0
joinServer 1
joinServer 2
joinClient 9 0
put 9 tea green
`;

it('a broken invariant is why the run could not go on', async () => {
  const twin = SHARDED_TWINS.find(({ name }) => name === 'a join moves more shards than it needs');
  if (twin === undefined) throw new Error('no such twin');
  const source = { script: SCRIPT, protocol: 'sharded', seed: 1, faults: '' };
  expect((await runScript(source)).failure).toBeUndefined();
  const mutated = await importMutated('src/web/run/runScript.ts', twin.edits);
  const view = await (mutated as { runScript: typeof runScript }).runScript(source);
  expect(view.failure).toMatch(twin.caughtBy);
  expect(view.events.length).toBeGreaterThan(0);
});
