import { describe, expect, it } from 'vitest';
import { createScriptLanguage } from '../../../src/fuzz/scriptSession.ts';
import { runBatch } from '../../../src/fuzz/search.ts';
import { createSimCluster } from '../../../src/sim/world.ts';
import { naive, Store } from '../../support/protocols/naive/index.ts';

const language = createScriptLanguage([naive]);

/** What a script prints in simulation. */
async function play(...lines: string[]): Promise<string[]> {
  const printed: string[] = [];
  const session = language.open({
    protocol: naive,
    seed: 1,
    createCluster: (protocol, options) => createSimCluster({ protocol, options, seed: 1 }),
    onInitialWrite: () => undefined,
    onOperation: () => undefined,
    onAnswer: (text) => printed.push(text),
    onDiagnostic: (text) => printed.push(text),
  });
  for (const line of lines) await session.do(line);
  await session.stop();
  return printed;
}

const TWO = ['joinServer 0', 'joinServer 1', 'joinClient 5 0', 'joinClient 6 1'];

describe('naive', () => {
  it('reads what was put at another server', async () => {
    expect(await play(...TWO, 'put 5 x 1', 'get 6 x')).toEqual([expect.stringContaining('"1"')]);
  });

  it('makes the stores of two sides equal: the later write wins', async () => {
    const sides = ['breakConnection 0 1', 'put 5 x of0', 'put 6 x of1', 'createConnection 0 1'];
    const answers = await play(...TWO, ...sides, 'get 5 x', 'stabilize', 'get 5 x', 'get 6 x');
    const values = answers.map((text) => (JSON.parse(text) as { value: string }).value);
    expect(values).toEqual(['of0', 'of1', 'of1']);
  });

  it('gives a write a later version than all that the server has', () => {
    const store = new Store();
    store.merge([{ key: 'x', value: 'a', version: [7, 1, 1] }]);
    const written = store.write('x', null, { id: 0, incarnation: 1 });
    expect(written.version).toEqual([8, 0, 1]);
    expect(store.entryByKey.get('x')).toBe(written);
  });

  it('keeps its claims in random scripts', async () => {
    expect((await runBatch(language, naive, { from: 1, to: 11 })).failures).toEqual([]);
  });
});
