// What a new protocol can add without a change elsewhere. The example is a protocol of the tests:
// one folder, and one line of a registry.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import _ from 'lodash';
import { describe, expect, it } from 'vitest';
import { check, checkHistory } from '../src/checkers/index.ts';
import { listWanted } from '../src/fuzz/coverage.ts';
import { drawTestCase } from '../src/fuzz/draw.ts';
import { createScriptLanguage } from '../src/fuzz/scriptSession.ts';
import { runBatch } from '../src/fuzz/search.ts';
import { readHistory, writeHistory } from '../src/histories/index.ts';
import type { Operation, Recorded } from '../src/kernel/history.ts';
import { claimsOf, type Protocol, type ProtocolCommand } from '../src/kernel/protocol.ts';
import type { TraceEvent } from '../src/kernel/trace.ts';
import { createSimCluster } from '../src/sim/world.ts';
import { TEST_PROTOCOLS } from './support/protocols/registry.ts';

const [scribe, cairn, beacon] = TEST_PROTOCOLS as [Protocol, Protocol, Protocol];
const language = createScriptLanguage(TEST_PROTOCOLS);

/** Random scripts of the protocol, which several tests look at. */
const batchOf = _.memoize((protocol: Protocol) =>
  runBatch(language, protocol, { from: 1, to: 25 }),
);

/** The kind of the first failure of random scripts. */
async function findFailure(judge: typeof language, protocol: Protocol) {
  for (let from = 1; from < 60; from += 1) {
    const { failures } = await runBatch(judge, protocol, { from, to: from + 1 });
    if (failures.length > 0) return failures[0]?.failure.kind;
  }
  return undefined;
}

async function playOn(protocol: Protocol, lines: readonly string[]) {
  const history: Recorded[] = [];
  const answers: string[] = [];
  const notes: string[] = [];
  const trace: TraceEvent[] = [];
  const session = language.open({
    protocol,
    seed: 1,
    createCluster: (chosen, options) =>
      createSimCluster({
        ...{ protocol: chosen, options, seed: 1 },
        trace: (event) => trace.push(event),
      }),
    onInitialWrite: () => undefined,
    onOperation: (operation) => history.push(operation),
    onAnswer: (text) => answers.push(text),
    onDiagnostic: (text) => notes.push(text),
  });
  for (const line of lines) await session.do(line);
  await session.stop();
  return { history, answers: answers.map((text) => JSON.parse(text) as object), notes, trace };
}

const play = (...lines: string[]) => playOn(scribe, lines);
const pile = (...lines: string[]) => playOn(cairn, lines);
const shine = (...lines: string[]) => playOn(beacon, lines);

const TWO = ['joinServer 0', 'joinServer 1', 'joinClient 5 0', 'joinClient 6 1'];
const STALE = ['put 5 x old', 'get 6 x', 'put 5 x new', 'get 6 x'];

describe('a protocol', () => {
  it.each(['scribe', 'cairn', 'beacon'])(
    '%s is named by its own folder and one line alone',
    async (name) => {
      const root = fileURLToPath(new URL('..', import.meta.url));
      const own = new RegExp(`\\b${name}\\b`, 'i');
      const naming: string[] = [];
      for (const folder of ['src', 'test']) {
        for (const path of await readdir(`${root}/${folder}`, { recursive: true })) {
          if (!path.endsWith('.ts') || path === 'seams.test.ts') continue;
          if (own.test(await readFile(`${root}/${folder}/${path}`, 'utf8'))) naming.push(path);
        }
      }
      const outside = naming.filter((path) => !path.startsWith(`support/protocols/${name}/`));
      expect(outside).toEqual(['support/protocols/registry.ts']);
      const registry = await readFile(`${root}/test/${outside[0]}`, 'utf8');
      expect(registry.match(/^import /gm)).toHaveLength(TEST_PROTOCOLS.length);
    },
  );

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
      { command: 'forget', lines: ['1 forgot 1'] },
    ]);
    expect(check(history as Operation[], 'linearizable').outcome).toBe('broken');
  });

  it('has operations of its own, which the checkers judge', async () => {
    const { history, answers, notes } = await play(
      ...[...TWO, 'append 5 x ab', 'append 6 x c', 'lpop 5 x', 'rpop 6 x', 'get 5 x'],
      ...['lpop 5 none', 'put 5 e ""', 'lpop 5 e', 'get 5 e', 'check linearizable', 'check'],
    );
    expect(notes).toEqual([]);
    expect(history).toMatchObject([
      ...[
        { kind: 'append', side: 'left', value: 'ab', outcome: 'ok' },
        { kind: 'append', side: 'left', value: 'c', outcome: 'ok' },
        { kind: 'pop', side: 'left', value: 'c', outcome: 'ok' },
        { kind: 'pop', side: 'right', value: 'b', outcome: 'ok' },
        { kind: 'get', value: 'a' },
        { kind: 'pop', value: null, outcome: 'absent' },
        { kind: 'put' },
        { kind: 'pop', value: '', outcome: 'ok' },
        { kind: 'get', value: '' },
      ],
    ]);
    expect(answers).toMatchObject([
      ...[{ key: 'x', value: 'c' }, { value: 'b' }, { value: 'a' }, { error: 'ERR_KEY' }],
      ...[{ value: '' }, { value: '' }],
      { verdicts: [{ level: 'linearizable', outcome: 'holds' }] },
      { strongest: ['linearizable'] },
    ]);
    const wrong = history.map((one) => (one.kind === 'pop' ? { ...one, side: 'right' } : one));
    const file = { operations: wrong as Recorded[], isTimed: true, transactions: 0 };
    expect(checkHistory(file, 'linearizable').outcome).toBe('broken');
    const text = [...writeHistory({ ...file, operations: history }, 'causeway').lines].join('\n');
    const plain = history.map(({ line, ...rest }) => rest);
    expect(readHistory(text).operations.map(({ line, ...rest }) => rest)).toEqual(plain);
  });

  it('has appends and pops in a workload, in the shares that are asked for', async () => {
    const load = 'workload ops=200 keys=2 reads=0.3 appends=0.3 pops=0.2';
    const { history, answers, notes } = await play(...TWO, load, `${load} inflight=all`, 'check');
    expect(notes.filter((note) => !/: note: .* operations\/s/.test(note))).toEqual([]);
    const first = history.slice(0, 200);
    const countOf = (kind: string, side?: string): number => {
      const isOfSide = (one: Recorded): boolean => 'side' in one && one.side === side;
      return first.filter((one) => one.kind === kind && (!side || isOfSide(one))).length;
    };
    const asked = { put: countOf('put'), get: countOf('get'), append: countOf('append') };
    expect(Object.keys(answers[0] ?? {}).slice(0, 7)).toEqual([
      ...['line', 'command', 'operations', 'put', 'get', 'append', 'pop'],
    ]);
    expect(answers[0]).toMatchObject({ operations: 200, ...asked, pop: countOf('pop') });
    for (const [kind, share] of Object.entries({ put: 0.2, get: 0.3, append: 0.3, pop: 0.2 })) {
      expect(Math.abs(countOf(kind) / 200 - share), kind).toBeLessThan(0.1);
    }
    const [left, right] = [countOf('pop', 'left'), countOf('pop', 'right')];
    expect(Math.min(left, right)).toBeGreaterThan(8);
    expect(first.map(({ number }) => number)).toEqual(first.map((_, at) => at + 1));
    const added = history.flatMap(({ kind, value }) => (kind === 'append' ? [value] : []));
    expect(new Set(added).size).toBe(added.length);
    expect(answers.at(-1)).toMatchObject({ strongest: ['linearizable'] });
  });

  it('asks for the same without appends and pops, and refuses what it lacks', async () => {
    const load = 'workload ops=40 keys=3 reads=0.4';
    const plain = await play(...TWO, load);
    const zero = await play(...TWO, `${load} appends=0 pops=0 cas=0`);
    const ordersOf = ({ history }: typeof plain) => history.map(({ kind, key }) => [kind, key]);
    expect(ordersOf(zero)).toEqual(ordersOf(plain));
    expect(zero.answers).toEqual(plain.answers);
    expect(Object.keys(zero.answers[0] ?? {})).not.toContain('pop');
    const { notes } = await play(
      ...[...TWO, 'workload appends=0.6', 'workload reads=0.7 appends=0.2 pops=0.1 ops=1'],
      ...['workload reads=0 appends=2', 'workload reads=0 pops=x'],
    );
    expect(notes.filter((note) => / E_/.test(note)).map((note) => note.split(': ')[2])).toEqual([
      ...['E_ARGS', 'E_ARGS', 'E_ARGS'],
    ]);
    expect(notes[0]).toContain('reads + appends + pops + cas <= 1, they are 1.1');
    const own = ['appends', 'pops', 'cas'].map((name) => `workload reads=0 ${name}=0.1`);
    const lacking = await pile(...TWO, ...own);
    expect(lacking.notes).toEqual([
      'causeway: script:5: E_UNSUPPORTED: protocol cairn has no command with the meaning append\n',
      'causeway: script:6: E_UNSUPPORTED: protocol cairn has no command with the meaning pop\n',
      'causeway: script:7: E_UNSUPPORTED: protocol cairn has no command with the meaning cas\n',
    ]);
  });

  it('has a service that notes its decisions, and can be inspected', async () => {
    const { answers, trace } = await play(...TWO, 'put 5 x 1', 'close', 'inspect master');
    expect(answers).toEqual([{ line: 7, command: 'inspect', state: { count: 1, isClosed: true } }]);
    expect(trace.filter(({ node }) => node === 'master')).toMatchObject([
      { event: 'note', label: 'book', detail: { key: 'x', count: 1 }, lamport: 1 },
    ]);
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
    const { failures, counts } = await batchOf(scribe);
    expect(failures).toEqual([]);
    expect(counts['verdict linearizable holds']).toBeGreaterThan(5);
    for (const command of ['audit', 'close', 'forget', 'open']) {
      expect(counts[`command ${command}`], command).toBeGreaterThan(0);
    }
    const boastful = { ...scribe, claims: ['linearizable'] as const };
    expect(await findFailure(createScriptLanguage([boastful]), boastful)).toBe('linearizable');
  });

  it('has its operations in random scripts, which the checkers judge', async () => {
    const { failures, counts } = await batchOf(scribe);
    expect(failures).toEqual([]);
    for (const what of ['append ok', 'pop ok', 'pop absent']) {
      expect(counts[`outcome ${what}`], what).toBeGreaterThan(10);
    }
    const lines = Array.from({ length: 100 }, (_, seed) => drawTestCase(scribe, seed).lines).flat();
    expect(
      lines.filter((line) => /^append \d+ \S+ (?:v\d+|"")$/.test(line)).length,
    ).toBeGreaterThan(5);
    expect(lines.filter((line) => /^workload .*pops=/.test(line)).length).toBeGreaterThan(2);
    const wanted = listWanted(scribe, language);
    expect(wanted).toEqual(expect.arrayContaining(['outcome append ok', 'outcome pop absent']));
    expect(listWanted(cairn, language).join(' ')).not.toMatch(/outcome (?:append|pop)/);
    // The same code, said to pop at the other end.
    const commands = scribe.commands.map((own): ProtocolCommand => {
      if (own.name !== 'lpop') return own;
      return { ...own, meaning: () => ({ kind: 'pop', side: 'right' }) };
    });
    const wrong = { ...scribe, commands };
    expect(await findFailure(createScriptLanguage([wrong]), wrong)).toBe('linearizable');
  });

  it('takes levels after an operation, and has an answer of its own', async () => {
    const { history, notes, answers } = await pile(
      ...[...TWO, 'put 5 1 one', 'get 5 1', 'put 5 1 a  b ALL', 'put 5 1 c all', 'get 5 1'],
      ...['get 5 1 all', 'delete 5 1 one', 'fail 1', 'put 5 2 x one', 'put 5 2 y all'],
      ...['recover 1', 'sleep 300ms', 'put 5 2 z all', 'put 5 3 "" all', 'get 5 3'],
      'put 5 4 a b all',
    );
    const puts = history.filter(({ kind }) => kind === 'put');
    expect(puts.map(({ value, modifiers, outcome }) => [value, modifiers, outcome])).toEqual([
      ...[
        ['one', undefined, 'ok'],
        ['a  b ALL', undefined, 'ok'],
        ['c', ['all'], 'ok'],
        ['x', ['one'], 'ok'],
        ['y', ['all'], 'fail'],
        ['z', ['all'], 'ok'],
        ['', ['all'], 'ok'],
        ['a b', ['all'], 'ok'],
      ],
    ]);
    expect(answers).toMatchObject([{ value: 'one' }, { value: 'c' }, { value: '' }]);
    expect(notes).toEqual([
      'causeway: script:10: E_ARGS: too many words; usage: get c k\n',
      'causeway: script:14: note: ERR_TOO_FEW: not done, a server of the key is believed dead\n',
      'causeway: script:20: note: all is taken as the level, not as part of the value\n',
    ]);
  });

  it('answers with several values, which no register has', async () => {
    const { history, answers } = await pile(
      ...[...TWO, 'breakConnection 0 1', 'put 5 1 b', 'put 6 1 a', 'createConnection 0 1'],
      ...['transfer', 'get 5 1', 'check linearizable read-your-writes', 'put 5 1 c', 'get 6 1'],
    );
    expect(answers).toMatchObject([
      { command: 'transfer', lines: ['0 delivered 1', '1 delivered 1'] },
      { command: 'get', key: '1', values: ['a', 'b'] },
      {
        verdicts: [
          { outcome: 'broken', pattern: 'ConcurrentValues' },
          { level: 'read-your-writes', outcome: 'holds' },
        ],
      },
      { value: 'c' },
    ]);
    const [, , read] = history as Operation[];
    expect(read?.siblings).toEqual([
      { value: 'b', version: [1, 0, 1] },
      { value: 'a', version: [1, 1, 1] },
    ]);
    const file = { operations: history, isTimed: true, transactions: 0 };
    const text = [...writeHistory(file, 'causeway').lines].join('\n');
    expect(readHistory(text).operations[2]).toMatchObject({ siblings: read?.siblings });
    expect(() => writeHistory(file, 'jepsen-json')).toThrow(/several values/);
  });

  it('tells by contexts which write has replaced which, in history, files and stores', async () => {
    const { history, answers } = await pile(
      ...[...TWO, 'put 5 1 a', 'breakConnection 0 1', 'put 5 1 b', 'put 6 1 c', 'get 6 1'],
      ...['breakConnection 5 0', 'createConnection 5 1', 'get 5 1'],
      ...['check read-your-writes monotonic-reads monotonic-writes'],
      ...['createConnection 0 1', 'stabilize', 'get 5 1', 'check convergence no-lost-writes'],
    );
    const contexts = (history as Operation[]).map(({ context }) => context);
    expect(contexts).toEqual([
      ...[[[0, 1, 0, 1]], [[0, 1, 0, 2]]],
      ...new Array(3).fill([
        [0, 1, 0, 1],
        [1, 1, 0, 2],
      ]),
      [
        [0, 1, 0, 2],
        [1, 1, 0, 2],
      ],
    ]);
    expect(answers).toMatchObject([
      ...[{ value: 'c' }, { value: 'c' }],
      {
        verdicts: [
          {
            outcome: 'broken',
            sentence: 'client 5 got 1=c (line 12), whose context lacks its own 1=b (line 7).',
          },
          { outcome: 'holds' },
          { outcome: 'holds' },
        ],
      },
      { values: ['b', 'c'] },
      { verdicts: [{ outcome: 'holds' }, { outcome: 'holds' }] },
    ]);
    const file = { operations: history, isTimed: true, transactions: 0 };
    const again = readHistory([...writeHistory(file, 'causeway').lines].join('\n'));
    expect(again.operations.map(({ context }) => context)).toEqual(contexts);
    expect(checkHistory(again, 'read-your-writes').outcome).toBe('broken');
  });

  it('says which servers are to hold a key, and which writes it keeps for others', async () => {
    const three = ['joinServer 0', 'joinServer 1', 'joinServer 2', 'joinClient 5 0'];
    const { answers } = await pile(
      ...[...three, 'fail 1', 'put 5 2 v', 'printStore 0', 'inspect 0', 'recover 1', 'inspect'],
      ...['transfer 0', 'printStore 1', 'stabilize', 'check convergence no-lost-writes'],
      ...['put 5 2 w', 'killServer 2', 'inspect'],
    );
    const held = { key: '2', value: 'v', version: [1, 0, 1] };
    const state = { store: [], hints: [{ owner: 1, ...held }], suspected: [1] };
    expect(answers).toMatchObject([
      { command: 'printStore', entries: [] },
      { state },
      {
        servers: [{ server: 0, state }, { state: { store: [] } }, { state: { store: [held] } }],
        differing: ['2'],
      },
      { command: 'transfer', lines: ['0 delivered 1'] },
      { command: 'printStore', entries: [['2', 'v']] },
      { verdicts: [{ outcome: 'holds' }, { outcome: 'holds' }] },
      {
        servers: [{ isDead: false }, { state: { hints: [] } }, { isDead: true, state: null }],
        differing: [],
      },
    ]);
  });

  it('has clients that are linked to every server, whichever joined first', async () => {
    const three = [
      'joinServer 0',
      'joinServer 1',
      'joinClient 5 1',
      'joinServer 2',
      'joinClient 6 0',
    ];
    const writes = ['put 5 a on1', 'put 5 b on2', 'put 5 c on0'];
    const reads = ['get 6 a', 'get 6 b', 'get 6 c'];
    const { history, answers } = await shine(
      ...[
        ...three,
        'join 0',
        'join 1',
        'join 2',
        'query a all',
        'query b owner',
        ...writes,
        ...reads,
      ],
      ...['breakConnection 2 6', 'partition 6 | 0', ...reads, 'heal', ...reads],
      ...['killServer 1', 'joinServer 1', 'join 1', 'put 6 a again', 'get 5 a'],
    );
    const served = history.slice(0, 6).map(({ outcome, server }) => [outcome, server]);
    expect(served).toEqual([...[1, 2, 0], ...[1, 2, 0]].map((server) => ['ok', server]));
    const [all, owner, ...got] = answers;
    expect(all).toMatchObject({ command: 'query', lines: ['0 1 2'] });
    expect(owner).toMatchObject({ command: 'query', lines: ['b 2'] });
    const fields = got.map((answer) => (answer as { value?: string; error?: string }).value ?? '-');
    const whole = ['on1', 'on2', 'on0'];
    expect(fields).toEqual([...whole, 'on1', '-', '-', ...whole, 'again']);
  });

  it('links a client that lives already to the named server only', async () => {
    const { answers } = await shine(
      ...['joinServer 0', 'joinServer 1', 'joinClient 5 1', 'join 0', 'join 1', 'put 5 a v'],
      ...['partition 5 | 0 1', 'joinClient 5 0', 'get 5 a', 'joinClient 5 1', 'get 5 a'],
    );
    expect(answers).toMatchObject([{ error: 'ERR_UNREACHABLE' }, { value: 'v' }]);
  });

  it('may cut nodes off from its service, in lines that make sense', async () => {
    const { notes } = await shine(
      ...['joinServer 0', 'breakConnection 9 master', 'createConnection master master'],
      ...['breakConnection 0 master oneway', 'breakConnection Master 0', 'breakConnection master'],
      ...['breakConnection 0 master', 'breakConnection master 0', 'partition 0 | master'],
    );
    const said = notes.map((note) => note.replace('causeway: script:', '').trimEnd());
    expect(said).toEqual([
      '2: E_NO_SUCH_NODE: no live node has the id 9',
      '3: E_SELF: master and itself',
      '4: E_ARGS: master is cut off in both directions only',
      expect.stringMatching(/^5: E_BAD_ID: 'Master' is no id/),
      expect.stringMatching(/^6: E_BAD_ID: the id b is missing/),
      expect.stringMatching(/^9: E_BAD_ID: 'master' is no id/),
    ]);
    const without = await pile(
      'joinServer 0',
      'breakConnection 0 master',
      'createConnection master 0',
    );
    const refusal = 'E_UNSUPPORTED: protocol cairn has no configuration service\n';
    expect(without.notes).toEqual([2, 3].map((line) => `causeway: script:${line}: ${refusal}`));
  });

  it('hears from which life of a client or a server a call of its service is', async () => {
    const { trace } = await shine(
      ...['joinServer 5', 'killServer 5', 'joinServer 0', 'join 0', 'joinClient 5 0', 'put 5 a v'],
    );
    expect(trace.filter(({ node }) => node === 'master')).toMatchObject([
      { event: 'note', label: 'where', detail: { from: { id: 5, incarnation: 2 }, key: 'a' } },
    ]);
  });

  it('has its random scripts, whose clients lose and find single servers again', async () => {
    const { failures, counts } = await batchOf(beacon);
    expect(failures).toEqual([]);
    for (const command of ['join', 'leave', 'query']) {
      expect(counts[`command ${command}`], command).toBeGreaterThan(0);
    }
    expect(counts['message beacon.where']).toBeGreaterThan(100);
    expect(counts['fault service cut off by a line']).toBeGreaterThan(10);
    const lines = Array.from({ length: 25 }, (_, seed) => drawTestCase(beacon, seed).lines).flat();
    const mended = lines.filter((line) => /^createConnection \d+ \d+$/.test(line));
    expect(mended.length).toBeGreaterThan(25);
    expect(counts['outcome get ok']).toBeGreaterThan(10);
  });

  it('has its random scripts, with the levels and keys of its own', async () => {
    const { failures, counts } = await batchOf(cairn);
    expect(failures).toEqual([]);
    expect(counts['modifier all']).toBeGreaterThan(0);
    expect(counts['command transfer']).toBeGreaterThan(0);
    expect(counts['bad line E_BAD_KEY'] ?? 0).toBe(0);
  });
});
