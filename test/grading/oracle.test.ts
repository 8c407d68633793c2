import { describe, expect, it } from 'vitest';
import { permits } from '../../src/grading/oracle/oracle.ts';
import { readAssignment, ScriptError } from '../../src/grading/oracle/script.ts';

const lines = (...list: string[]): string => list.map((line) => `${line}\n`).join('');

function judge(script: readonly string[], ...output: string[]) {
  return permits(readAssignment(lines(...script)), lines(...output));
}

/** The rule that is broken, or the outcome. */
function ruleOf(script: readonly string[], ...output: string[]): string {
  const judgement = judge(script, ...output);
  return judgement.outcome === 'refused' ? judgement.rule : judgement.outcome;
}

const ONE = ['joinServer 0', 'joinClient 10 0'];
const TWO = ['joinServer 0', 'joinServer 1', 'joinClient 10 0', 'joinClient 11 1'];
/** Both servers have `old`, server 0 also `new`; client 10 has put it and gone to server 1. */
const MOVED = [
  ...TWO,
  'put 10 a old',
  'stabilize',
  'breakConnection 0 1',
  'put 10 a new',
  'breakConnection 10 0',
  'createConnection 10 1',
];

describe('the oracle', () => {
  it.each([
    ['a value that was put', ['put 10 a 1', 'get 10 a'], ['a:1'], 'permitted'],
    ['a value that was never put', ['put 10 a 1', 'get 10 a'], ['a:2'], 'values'],
    ['a value before its put', ['get 10 a', 'put 10 a 1'], ['a:1'], 'values'],
    ['the value of another key', ['put 10 b 1', 'get 10 a'], ['a:1'], 'values'],
    ['no value', ['get 10 a'], ['a:ERR_KEY'], 'permitted'],
    ['no value for what the server has', ['put 10 a 1', 'get 10 a'], ['a:ERR_KEY'], 'newest-write'],
    ['ERR_DEP for nothing', ['get 10 a'], ['a:ERR_DEP'], 'err-dep'],
    ['ERR_DEP at the only server', ['put 10 a 1', 'get 10 a'], ['a:ERR_DEP'], 'err-dep'],
    ['an older value', ['put 10 a 1', 'put 10 a 2', 'get 10 a'], ['a:1'], 'read-your-writes'],
    ['a banner', ['get 10 a'], ['hello', 'a:ERR_KEY'], 'lines'],
    ['a line too many', ['get 10 a'], ['a:ERR_KEY', 'a:ERR_KEY'], 'lines'],
    ['a missing line', ['get 10 a', 'get 10 b'], ['b:ERR_KEY'], 'lines'],
    ['lines in another order', ['get 10 a', 'get 10 b'], ['b:ERR_KEY', 'a:ERR_KEY'], 'lines'],
    ['nothing', ['get 10 a'], [], 'lines'],
    ['blank lines', ['get 10 a'], ['', 'a:ERR_KEY  ', ''], 'permitted'],
    [
      'a value with blanks and colons',
      ['put 10 a:b c: d', 'get 10 a:b'],
      ['a:b:c: d'],
      'permitted',
    ],
  ])('%s, at one server', (_what, script, output, expected) => {
    expect(ruleOf([...ONE, ...script], ...output)).toBe(expected);
  });

  it.each([
    ['before any gossip', ['put 10 a 1', 'get 11 a'], ['a:ERR_KEY'], 'permitted'],
    ['after gossip', ['put 10 a 1', 'get 11 a'], ['a:1'], 'permitted'],
    ['back again', ['put 10 a 1', 'get 11 a', 'get 11 a'], ['a:1', 'a:ERR_KEY'], 'newest-write'],
    ['after stabilize', ['put 10 a 1', 'stabilize', 'get 11 a'], ['a:ERR_KEY'], 'stabilize'],
    [
      'over a broken connection',
      ['breakConnection 0 1', 'put 10 a 1', 'get 11 a'],
      ['a:1'],
      'connections',
    ],
    [
      'on its way when the connection broke',
      ['put 10 a 1', 'breakConnection 0 1', 'get 11 a', 'get 11 a'],
      ['a:ERR_KEY', 'a:1'],
      'permitted',
    ],
  ])('%s, at another server', (_what, script, output, expected) => {
    expect(ruleOf([...TWO, ...script], ...output)).toBe(expected);
  });

  it.each([
    ['the older value', 'a:old', 'read-your-writes'],
    ['ERR_DEP', 'a:ERR_DEP', 'permitted'],
    ['ERR_KEY for what is there', 'a:ERR_KEY', 'stabilize'],
    ['the value that cannot be there', 'a:new', 'connections'],
  ])('gives a client that has put a newer one %s', (_what, answer, expected) => {
    expect(ruleOf([...MOVED, 'get 10 a'], answer)).toBe(expected);
  });

  it.each([['old'], ['ERR_DEP']])('gives another client %s', (answer) => {
    expect(ruleOf([...MOVED, 'get 11 a'], `a:${answer}`)).toBe(
      answer === 'old' ? 'permitted' : 'err-dep',
    );
  });

  it('permits ERR_KEY and ERR_DEP where the server has no value', () => {
    const script = [...TWO, 'breakConnection 0 1', 'put 10 a 1', 'createConnection 10 1'];
    const away = [...script, 'breakConnection 10 0', 'get 10 a'];
    expect(['a:ERR_KEY', 'a:ERR_DEP', 'a:1'].map((answer) => ruleOf(away, answer))).toEqual([
      'permitted',
      'permitted',
      'connections',
    ]);
  });

  it('permits ERR_DEP for what the client has put for another key', () => {
    const script = [...TWO, 'breakConnection 0 1', 'put 10 b 1', 'put 11 a 1'];
    const away = [...script, 'createConnection 10 1', 'breakConnection 10 0', 'get 10 a'];
    expect(['a:ERR_DEP', 'a:1'].map((answer) => ruleOf(away, answer))).toEqual([
      'permitted',
      'permitted',
    ]);
    const healed = [...away.slice(0, -1), 'createConnection 0 1', 'stabilize', 'get 10 a'];
    expect(ruleOf(healed, 'a:ERR_DEP')).toBe('err-dep');
  });

  const BOTH = [...TWO, 'breakConnection 0 1', 'put 10 a x', 'put 11 a y', 'createConnection 0 1'];

  it.each([
    ['x', 'x', 'permitted'],
    ['y', 'y', 'permitted'],
    ['x', 'y', 'stabilize'],
  ])('gives concurrent puts one winner: %s, %s', (first, second, expected) => {
    const script = [...BOTH, 'stabilize', 'get 10 a', 'get 11 a'];
    expect(ruleOf(script, `a:${first}`, `a:${second}`)).toBe(expected);
    const shown = [...BOTH, 'stabilize', 'printStore 0', 'printStore 1'];
    expect(ruleOf(shown, `a:${first}`, `a:${second}`)).toBe(expected);
  });

  it('keeps the winner, and lets a later put win', () => {
    const script = [...BOTH, 'stabilize', 'get 10 a', 'put 11 a z', 'stabilize', 'get 10 a'];
    expect(ruleOf(script, 'a:x', 'a:z')).toBe('permitted');
    expect(ruleOf(script, 'a:x', 'a:x')).toBe('stabilize');
    const again = [...BOTH, 'stabilize', 'get 10 a', 'stabilize', 'get 10 a'];
    expect(ruleOf(again, 'a:x', 'a:y')).not.toBe('permitted');
  });

  it('knows by which servers a value can have come', () => {
    // Server 2 dies with w1, or after it has passed it on; the stabilize shows that it has not.
    const script = [
      ...['joinServer 0', 'joinServer 1', 'joinServer 2', 'joinClient 10 0', 'joinClient 12 2'],
      ...['put 12 a w1', 'killServer 2', 'put 10 a w2', 'stabilize', 'get 10 a'],
      ...['joinServer 3', 'joinClient 13 3', 'stabilize', 'get 13 a'],
    ];
    expect(ruleOf(script, 'a:w2', 'a:w2')).toBe('permitted');
    expect(ruleOf(script, 'a:w1', 'a:w1')).toBe('permitted');
    expect(ruleOf(script, 'a:w2', 'a:w1')).toBe('stabilize');
  });

  it('permits a server that comes back with its values, or without', () => {
    const script = [...ONE, 'put 10 a 1', 'killServer 0', 'joinServer 0', 'joinClient 11 0'];
    const asked = [...script, 'get 11 a'];
    expect([ruleOf(asked, 'a:1'), ruleOf(asked, 'a:ERR_KEY')]).toEqual(['permitted', 'permitted']);
    expect(ruleOf([...asked, 'get 11 a'], 'a:1', 'a:ERR_KEY')).toBe('newest-write');
  });

  it('asks nothing of a get without a server', () => {
    const script = [
      ...ONE,
      'killServer 0',
      'get 10 a',
      'joinServer 1',
      'joinClient 11 1',
      'get 11 b',
    ];
    for (const answer of [['a:ERR_UNREACHABLE'], ['a:ERR_KEY'], []]) {
      expect(ruleOf(script, ...answer, 'b:ERR_KEY')).toBe('permitted');
    }
    expect(ruleOf(script, 'a:1', 'b:ERR_KEY')).toBe('lines');
  });

  it('forgets no put that no server may have taken', () => {
    const script = [...ONE, 'put 10 a 1', 'breakConnection 10 0', 'put 10 a 2'];
    const back = [...script, 'createConnection 10 0', 'get 10 a'];
    const answers = ['a:1', 'a:ERR_DEP', 'a:2'].map((answer) => ruleOf(back, answer));
    expect(answers).toEqual(['permitted', 'permitted', 'connections']);
  });

  it('lets a client ask any of its servers', () => {
    const script = [...TWO, 'breakConnection 0 1', 'createConnection 10 1', 'put 10 a 1'];
    const asked = [...script, 'get 10 a', 'get 10 a', 'get 10 a'];
    expect(ruleOf(asked, 'a:1', 'a:ERR_DEP', 'a:ERR_KEY')).toBe('permitted');
    expect(ruleOf([...asked, 'get 11 a'], 'a:1', 'a:1', 'a:1', 'a:1')).toBe('permitted');
    const shown = [...script, 'printStore 0', 'printStore 1'];
    expect(ruleOf(shown, 'a:1')).toBe('permitted');
    expect(ruleOf(shown, 'a:1', 'a:1')).not.toBe('permitted');
    expect(ruleOf(shown)).not.toBe('permitted');
  });

  describe('of a store', () => {
    const full = [...TWO, 'put 10 a 1', 'put 11 b 2', 'stabilize', 'printStore 0', 'printStore 1'];

    it.each([
      [['a:1', 'b:2', 'a:1', 'b:2'], 'permitted'],
      [['b:2', 'a:1', 'a:1', 'b:2'], 'permitted'],
      [['a:1', 'b:2', 'b:2'], 'stabilize'],
      [['a:1', 'b:2', 'a:1', 'b:2', 'b:2'], 'lines'],
      [['a:1', 'b:1', 'a:1', 'b:2'], 'values'],
      [['a:1', 'b:2'], 'stabilize'],
    ])('%j', (output, expected) => expect(ruleOf(full, ...output)).toBe(expected));

    it('knows which keys cannot be there', () => {
      const script = [...TWO, 'breakConnection 0 1', 'put 10 a 1', 'put 11 b 2'];
      const shown = [...script, 'printStore 0', 'get 10 a'];
      expect(ruleOf(shown, 'a:1', 'a:1')).toBe('permitted');
      expect(ruleOf(shown, 'a:1', 'b:2', 'a:1')).toBe('connections');
      const two = [...ONE, 'put 10 a 1', 'put 10 c 3', 'printStore 0', 'get 10 a'];
      expect(ruleOf(two, 'a:1', 'a:1')).toBe('newest-write');
    });
  });

  it('says where, why, and what it would permit', () => {
    expect(judge([...MOVED, 'get 11 a', 'get 10 a'], 'a:old', 'a:old')).toEqual({
      outcome: 'refused',
      rule: 'read-your-writes',
      line: 12,
      command: 'get 10 a',
      printed: { number: 2, text: 'a:old' },
      expected: ['a:ERR_DEP'],
      why: "client 10 has put 'new' in line 8 itself",
    });
  });

  it.each([
    [['a:1', 'a:1', 'b:2', 'a:1', 'b:2'], 5, 'a'],
    [['a:1', 'a:2', 'b:2', 'a:1', 'b:2'], 5, 'a'],
    [['a:1', 'b:2', 'a:1', 'b:2', 'b:2'], 6, 'b'],
  ])('names a key that a store has twice: %j', (output, line, key) => {
    const script = [...ONE, 'put 10 a 1', 'put 10 b 2', 'printStore 0', 'printStore 0'];
    expect(judge(script, ...output)).toMatchObject({
      ...{ rule: 'lines', line },
      why: `it has printed the key '${key}' for this command before`,
    });
  });

  it('takes no line of the next store for a second one', () => {
    const script = [...ONE, 'put 10 a 1', 'put 10 b 2', 'printStore 0', 'printStore 0'];
    expect(ruleOf(script, 'a:1', 'a:1', 'b:2')).toBe('newest-write');
  });

  it('blames a printStore on no client', () => {
    const script = [...TWO, 'breakConnection 0 1', 'put 10 a x', 'createConnection 10 1'];
    const moved = [...script, 'breakConnection 10 0', 'put 10 a y', 'createConnection 0 1'];
    const shown = [...moved, 'stabilize', 'printStore 0', 'printStore 1'];
    expect(judge(shown, 'a:x', 'a:x')).toMatchObject({ rule: 'stabilize', line: 12 });
  });

  describe('without a search', () => {
    const puts = Array.from({ length: 18 }, (_, index) => `put 10 a v${index + 1}`);
    const many = [
      ...['joinServer 0', 'joinServer 1', 'breakConnection 0 1', 'joinClient 10 0'],
      ...['createConnection 10 1', ...puts, 'createConnection 0 1', 'stabilize'],
    ];
    const shown = [...many, 'printStore 0', 'printStore 1'];

    it.each([
      ['a:v18', 'a:v18', 'permitted'],
      ['a:v18', 'a:v17', 'stabilize'],
      ['a:v1', 'a:v1', 'stabilize'],
    ])('decides about %s and %s of too many puts', (first, second, expected) => {
      expect(ruleOf(shown, first, second)).toBe(expected);
    });

    it.each([
      ['get 10 a', 'a:v18', 'permitted'],
      ['get 10 a', 'a:v17', 'read-your-writes'],
      ['get 10 a', 'a:ERR_KEY', 'stabilize'],
    ])('decides about %s: %s', (get, answer, expected) => {
      expect(ruleOf([...many, get], answer)).toBe(expected);
    });
  });

  it('does not decide what would take too long', () => {
    const servers = Array.from({ length: 6 }, (_, id) => `joinServer ${id}`);
    const cuts = servers.flatMap((_, a) =>
      servers.slice(a + 1).map((_one, index) => `breakConnection ${a} ${a + 1 + index}`),
    );
    const clients = servers.map((_, id) => `joinClient 10 ${id}`);
    const puts = Array.from({ length: 30 }, (_, index) => `put 10 a ${index % 2}`);
    const shows = servers.map((_, id) => `joinClient ${20 + id} ${id}`);
    const gets = servers.map((_, id) => `get ${20 + id} a`);
    const script = [...servers, ...cuts, ...clients, ...puts, ...shows, ...gets, 'get 10 a'];
    const output = [...gets.map(() => 'a:ERR_KEY'), 'a:1'];
    expect(ruleOf(script, ...output)).toBe('undecided');
  });
});

describe('a script of the assignment', () => {
  it.each([
    [['jump 1'], 1, "'jump' is none of joinServer, killServer"],
    [['', '# x', 'joinServer x'], 3, "'x' is no id"],
    [['joinServer 0', 'joinServer 0'], 2, 'server 0 is alive'],
    [['joinClient 10 0'], 1, 'no live server has the id 0'],
    [[...ONE, 'put 10 a'], 3, 'the value is missing'],
    [[...ONE, 'put 10 a ERR_KEY'], 3, 'looks like the error'],
    [[...ONE, 'get 10 a b'], 3, 'too many words'],
    [[...ONE, 'get 11 a'], 3, 'no live client has the id 11'],
  ])('%j is refused', (script, line, why) => {
    const read = (): unknown => readAssignment(lines(...script));
    expect(read).toThrow(ScriptError);
    expect(read).toThrow(why);
    try {
      read();
    } catch (error) {
      expect((error as ScriptError).line).toBe(line);
    }
  });
});
