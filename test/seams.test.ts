// What a new protocol can add without a change elsewhere. The example is a protocol of the tests:
// one folder, and one line of a registry.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { check } from '../src/checkers/index.ts';
import { createScriptLanguage } from '../src/fuzz/scriptSession.ts';
import { runBatch } from '../src/fuzz/search.ts';
import type { Operation } from '../src/kernel/history.ts';
import { claimsOf, type Protocol } from '../src/kernel/protocol.ts';
import { createSimCluster } from '../src/sim/world.ts';
import { TEST_PROTOCOLS } from './support/protocols/registry.ts';

const [scribe] = TEST_PROTOCOLS as [Protocol];
const language = createScriptLanguage(TEST_PROTOCOLS);

async function play(...lines: string[]) {
  const history: Operation[] = [];
  const answers: string[] = [];
  const notes: string[] = [];
  const session = language.open({
    protocol: scribe,
    seed: 1,
    createCluster: (protocol, options) => createSimCluster({ protocol, options, seed: 1 }),
    onInitialWrite: () => undefined,
    onOperation: (operation) => history.push(operation as Operation),
    onAnswer: (text) => answers.push(text),
    onDiagnostic: (text) => notes.push(text),
  });
  for (const line of lines) await session.do(line);
  await session.stop();
  return { history, answers: answers.map((text) => JSON.parse(text) as object), notes };
}

const TWO = ['joinServer 0', 'joinServer 1', 'joinClient 5 0', 'joinClient 6 1'];
const STALE = ['put 5 x old', 'get 6 x', 'put 5 x new', 'get 6 x'];

describe('a protocol', () => {
  it('is named by its own folder and one line of a registry alone', async () => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    const naming: string[] = [];
    for (const folder of ['src', 'test']) {
      for (const path of await readdir(`${root}/${folder}`, { recursive: true })) {
        if (!path.endsWith('.ts') || path === 'seams.test.ts') continue;
        const text = await readFile(`${root}/${folder}/${path}`, 'utf8');
        if (/\bscribe\b|ScribeMessages/.test(text)) naming.push(path);
      }
    }
    const outside = naming.filter((path) => !path.startsWith('support/protocols/scribe/'));
    expect(outside).toEqual(['support/protocols/registry.ts']);
    const registry = await readFile(`${root}/test/${outside[0]}`, 'utf8');
    expect(registry.match(/^import /gm)).toHaveLength(TEST_PROTOCOLS.length);
  });

  it('has commands of its service, before any node and after', async () => {
    const { answers, notes } = await play('audit', ...TWO, 'put 5 x v', 'put 6 y v', 'audit');
    expect(notes).toEqual([]);
    expect(answers).toMatchObject([
      { command: 'audit', lines: ['0 entries', expect.stringMatching(/^ticket \d$/)] },
      { command: 'audit', lines: ['2 entries', expect.stringMatching(/^ticket \d$/)] },
    ]);
  });

  it('refuses with a code of its own, whose data reaches the client', async () => {
    const { history, answers } = await play(
      ...[...TWO, 'put 5 x 1', 'close', 'put 5 x 2', 'get 5 x', 'open', 'put 5 x 3', 'audit'],
    );
    expect(history.map(({ kind, value, outcome }) => [kind, value, outcome])).toEqual([
      ...[
        ['put', '1', 'ok'],
        ['put', '2', 'fail'],
        ['get', '1', 'ok'],
        ['put', '3', 'ok'],
      ],
    ]);
    expect(answers.at(-1)).toMatchObject({ lines: ['2 entries', expect.anything()] });
  });

  it('has commands without a node, which every server carries out', async () => {
    const { history, answers } = await play(
      ...['protocol scribe reads=cached', ...TWO, ...STALE, 'forget', 'get 6 x', 'forget 1'],
    );
    expect(answers).toMatchObject([
      ...[{ value: 'old' }, { value: 'old' }],
      { command: 'forget', lines: ['0 forgot 0', '1 forgot 1'] },
      { value: 'new' },
    ]);
    expect(check(history, 'linearizable').outcome).toBe('broken');
  });

  it('has a rule for its keys, and a line that breaks it is a bad one', async () => {
    const { history, notes } = await play(...TWO, 'put 5 #1 v', 'get 5 #1', 'delete 5 #1');
    expect(history).toEqual([]);
    expect(notes).toHaveLength(3);
    for (const note of notes) expect(note).toMatch(/: E_BAD_KEY: '#1' is no key: .*comment/);
  });

  it('claims what its options make of it, and random scripts judge it by that', async () => {
    expect(claimsOf(scribe, { reads: 'fresh' })).toEqual(['linearizable']);
    expect(claimsOf(scribe, { reads: 'cached' })).toEqual([]);
    const { failures, counts } = await runBatch(language, scribe, { from: 1, to: 25 });
    expect(failures).toEqual([]);
    expect(counts['verdict linearizable holds']).toBeGreaterThan(5);
    for (const command of ['audit', 'close', 'forget', 'open']) {
      expect(counts[`command ${command}`], command).toBeGreaterThan(0);
    }
    const boastful = { ...scribe, claims: ['linearizable'] as const };
    const found = await runBatch(createScriptLanguage([boastful]), boastful, { from: 1, to: 60 });
    expect(found.failures.map(({ failure }) => failure.kind)).toContain('linearizable');
  });
});
