// An incorrect store fails its phases, and the operations that show the fault are printed.
import { describe, expect, it } from 'vitest';
import type { gradeTwin } from '../../twins/grading.ts';
import { type Edit, importMutated } from '../../twins/mutate.ts';

const KEY = '[A-Za-z0-9]{32}';
const RING = 'src/replication/ring.ts';
const STATE = 'src/protocols/chain/state.ts';
const REPLICA = 'src/protocols/chain/replica.ts';
const SESSION = 'src/protocols/chain/session.ts';

async function grade(only: number | undefined, ...edits: readonly Edit[]) {
  const twin = (await importMutated('test/twins/grading.ts', edits)) as {
    gradeTwin: typeof gradeTwin;
  };
  return twin.gradeTwin(only);
}

describe('a grading', () => {
  it('finds a store that keeps a fourth copy, and names the nodes of the key', async () => {
    const told = await grade(2, {
      file: RING,
      find: 'export const CHAIN_LENGTH = 3;',
      replace: 'export const CHAIN_LENGTH = 4;',
    });
    const [fault, operation, ...others] = told.get(2) ?? [];
    expect(fault).toMatch(
      new RegExp(`^node 55\\d\\d holds a key of (55\\d\\d, ){2}55\\d\\d: ${KEY}$`),
    );
    expect(operation).toMatch(new RegExp(`^  put \\d\\d ${KEY} ${KEY}$`));
    expect(fault?.slice(-32)).toBe(operation?.split(' ')[4]);
    expect(others.at(-1)).toBe('and 145 more faults');
  });

  it('finds a store that does not empty, with the deletes', async () => {
    const told = await grade(1, {
      file: STATE,
      find: 'if (value !== null) yield [key, value];',
      replace: "yield [key, value ?? 'gone'];",
    });
    const [fault, ...operations] = told.get(1) ?? [];
    expect(fault).toMatch(new RegExp(`^node 5554 still holds a key: ${KEY}$`));
    const key = fault?.slice(-32) as string;
    expect(operations.slice(0, 3)).toEqual([12, 13, 14].map((id) => `  delete ${id} ${key}`));
  });

  it('finds a store that forgets, with the operations of the checker', async () => {
    const told = await grade(2, {
      file: REPLICA,
      find: '      value: entry?.value ?? null,\n      version: entry ===',
      replace:
        '      value: pending.question % 7 === 6 ? null : (entry?.value ?? null),\n' +
        '      version: pending.question % 7 === 6 || entry ===',
    });
    const [fault, ...operations] = told.get(2) ?? [];
    expect(fault).toMatch(new RegExp(`^linearizable: broken: .*${KEY}.*$`));
    expect(operations[0]).toMatch(new RegExp(`^  put \\d\\d ${KEY} ${KEY}$`));
    expect(operations[1]).toMatch(new RegExp(`^  get \\d\\d ${KEY} -> ERR_KEY$`));
  });

  it('finds nodes that answer differently in one round', async () => {
    const told = await grade(3, {
      file: SESSION,
      find: "    this.#saw('answered read', key, value, version);",
      replace:
        '    if (this.#env.self.id === 13) {\n' +
        '      const nothing = { value: null, version: null, applied: null };\n' +
        "      return { ...nothing, outcome: 'absent', server };\n    }\n" +
        "    this.#saw('answered read', key, value, version);",
    });
    expect(told.get(3)?.join('\n')).toMatch(
      new RegExp(`^2 different answers for (${KEY})\n(  get \\d\\d \\1 -> .*\n){5}`, 'm'),
    );
  });

  it('finds a key that is lost in a later phase, and blames that one', async () => {
    const told = await grade(undefined, {
      file: 'src/protocols/chain/log.ts',
      find: '      entries: entries.sort(',
      replace: '      entries: entries.slice(base === 0 ? 9 : 0).sort(',
    });
    expect([...told.keys()][0]).toBe(4);
    expect(told.get(4)?.join('\n')).toMatch(
      new RegExp(`^node 55\\d\\d lacks a key: (${KEY})\\n  put \\d\\d \\1 ${KEY}$`, 'm'),
    );
  });

  it('has nothing to say about the protocol itself', async () => {
    expect(await grade(4)).toEqual(new Map());
  });
});
