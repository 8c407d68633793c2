// Lines before they are run: blocks are repeated, names have values, and what cannot be is refused
// at the line where it is written.
import { describe, expect, test } from 'vitest';
import { Expander } from '../../src/language/expander.ts';
import type { ScriptLine } from '../../src/language/lines.ts';
import { runScript } from '../support/runScript.ts';

/** The lines that are run: `3: put 1 x 1`; refused ones as `3: E_ARGS`. */
function expand(script: string): string[] {
  const expander = new Expander();
  const told: string[] = [];
  const tell = (line: ScriptLine): void => {
    told.push(`${line.number}: ${'problem' in line ? line.problem : line.text}`);
  };
  for (const [index, text] of script.split('\n').entries()) {
    const line = { number: index + 1, text };
    const isPlain = expander.isPlain(line);
    const taken = [...expander.take(line)];
    if (isPlain) expect(taken).toEqual([line]);
    for (const one of taken) tell(one);
  }
  for (const line of expander.end()) tell(line);
  return told;
}

/** `${name}`, which a name may need before a letter. */
const braced = (name: string): string => ['$', '{', name, '}'].join('');

const texts = (script: string): string[] =>
  expand(script).map((told) => told.replace(/^\d+: /, ''));

describe('repeat', () => {
  test('stands for its lines, so many times', () => {
    expect(expand('a\nrepeat 2\nb\n# c\nend\nd')).toEqual([
      '1: a',
      '3: b',
      '4: # c',
      '3: b',
      '4: # c',
      '6: d',
    ]);
    expect(texts('repeat 3\nend')).toEqual([]);
  });

  test('may contain blocks, and stand in one', () => {
    expect(texts('repeat 2\nconcurrently\na\nend\nend')).toEqual([
      'concurrently',
      'a',
      'end',
      'concurrently',
      'a',
      'end',
    ]);
    expect(texts('concurrently\nrepeat 2\na\nend\nend')).toEqual(['concurrently', 'a', 'a', 'end']);
    expect(texts('repeat 2\nrepeat 2\na\nend\nb\nend')).toEqual(['a', 'a', 'b', 'a', 'a', 'b']);
  });

  test('counts its rounds under a name', () => {
    expect(
      texts(`repeat 2 as i\nrepeat 2 as j\nput 1 k$i v${braced('i')}_$j\nend\nend\nx $i $j`),
    ).toEqual(['put 1 k1 v1_1', 'put 1 k1 v1_2', 'put 1 k2 v2_1', 'put 1 k2 v2_2', 'x 2 2']);
    expect(texts('let n = 2\nrepeat $n\na\nend')).toEqual(['a', 'a']);
  });

  test.each([
    ['repeat', 'E_ARGS'],
    ['repeat 0', 'E_ARGS'],
    ['repeat -1', 'E_ARGS'],
    ['repeat 1.5', 'E_ARGS'],
    ['repeat 01', 'E_ARGS'],
    ['repeat 1e3', 'E_ARGS'],
    ['repeat 2 i', 'E_ARGS'],
    ['repeat 2 as', 'E_ARGS'],
    ['repeat 2 as 1', 'E_ARGS'],
    ['repeat 2 as i j', 'E_ARGS'],
    ['repeat 1000000000', 'E_LIMIT'],
    [`repeat ${'9'.repeat(400)}`, 'E_LIMIT'],
  ])('%s is refused, and the script ends there', async (line, code) => {
    expect(expand(line)).toEqual([`1: ${code}`]);
    const { stderr, isOver, badLineCount } = await runScript(`${line}\njoinServer 0\nend\n`);
    expect(stderr).toMatch(new RegExp(`^causeway: stdin:1: ${code}: `));
    expect([isOver, badLineCount]).toEqual([true, 1]);
  });

  test('is refused without its end, which is refused without it', async () => {
    const open = await runScript('joinServer 0\nrepeat 2\nconcurrently\nend\n');
    expect(open.stderr).toBe('causeway: stdin:2: E_ARGS: no end follows: the block was not run\n');
    expect(open.isOver).toBe(true);
    const closed = await runScript('repeat 2\nend\nend\n');
    expect(closed.stderr).toMatch(/^causeway: stdin:3: E_NOT_HERE: no block has been begun/);
    const worded = await runScript('repeat 2\njoinServer 0\nend now\n');
    expect(worded.stderr).toMatch(/^causeway: stdin:3: E_ARGS: too many words/);
    expect(worded.cluster.calls).toEqual([]);
  });

  test('A57 is bounded, also where it is nested, or has no lines', () => {
    const nested = expand('repeat 1000\nrepeat 1000\na\nend\nend');
    expect(nested.filter((told) => told === '3: a').length).toBeLessThan(1_000_000);
    expect(nested.find((told) => told.endsWith('E_LIMIT'))).toBeDefined();
    expect(expand('repeat 1000000\nrepeat 1000000\nend\nend')[0]).toBe('3: E_LIMIT');
    const long = expand(`repeat 1\n${'a\n'.repeat(10_001)}end`);
    expect([long.length, long[0]]).toEqual([10_001, '10002: E_LIMIT']);
  });

  test('at the limit ends the script', async () => {
    const script = `${'repeat 1000000\n'.repeat(2)}${'end\n'.repeat(2)}joinServer 0\n`;
    const { isOver, badLineCount, cluster } = await runScript(script);
    expect([isOver, badLineCount, cluster.calls]).toEqual([true, 1, []]);
  });

  test('reports a bad line in each round, and runs the others', async () => {
    const { stderr, stdout } = await runScript(
      'joinServer 0\njoinClient 5 0\nrepeat 2\nput 5\nput 5 x 1\nget 5 x\nexpect x:1\nend\n',
    );
    expect(stderr.match(/stdin:\d+: E_\w+/g)).toEqual(['stdin:4: E_ARGS', 'stdin:4: E_ARGS']);
    expect(stdout).toBe('x:1\nx:1\n');
  });

  test('stops in the round in which a strict script has a bad line', async () => {
    const script = 'joinServer 0\njoinClient 5 0\nrepeat 5\nget 5 x\nput 5\nend\n';
    const { stdout, badLineCount } = await runScript(script, { isStrict: true });
    expect([stdout, badLineCount]).toEqual(['x:ERR_KEY\n', 1]);
  });

  test('is typed at the console like any block', async () => {
    const { stdout, isOver } = await runScript(
      'joinServer 0\njoinClient 5 0\nrepeat x\nrepeat 2\nget 5 x\nend\n',
      { isTyped: true },
    );
    expect([stdout, isOver]).toEqual(['x:ERR_KEY\nx:ERR_KEY\n', false]);
  });
});

describe('let', () => {
  test('gives a name a value, from there on and everywhere in a line', () => {
    expect(texts('let a = one  two\nput 1 k $a\n$a $a\nlet a = $a!\n# $a\n$a')).toEqual([
      'put 1 k one  two',
      'one  two one  two',
      '# $a',
      'one  two!',
    ]);
  });

  test('leaves every $ alone before it, and a $ that names nothing after it', () => {
    const before = `put 1 k $(rm x);\nput 1 k $a ${braced('b')} $$`;
    expect(texts(before)).toEqual(before.split('\n'));
    expect(texts('let a = $b $$\nput 1 k $a 5$ $5 $- $$a')).toEqual(['put 1 k $b $$ 5$ $5 $- $a']);
  });

  test('in a block is done in each round', () => {
    expect(texts(`let s = a\nrepeat 2\nlet s = ${braced('s')}b\nput 1 k $s\nend`)).toEqual([
      'put 1 k ab',
      'put 1 k abb',
    ]);
  });

  test.each([
    'let',
    'let a',
    'let a =',
    'let a=1',
    'let 1 = 2',
    'let a-b = 2',
    'let é = 2',
    'let = 2',
    'let a = 1\n$b',
    'let a = 1\nlet c = $b',
    `let a = 1\nput 1 k ${braced('__proto__')}`,
    'let a = 1\nput 1 k $constructor',
  ])('is refused where it makes no sense: %j', (script) => {
    expect(expand(script).at(-1)).toMatch(/E_ARGS$/);
  });

  test('A58 tells which name has no value, and does nothing of that line', async () => {
    const { stderr, cluster } = await runScript('let a = 1\njoinServer $b\nrepeat $n\nend\n');
    expect(stderr).toBe(
      "causeway: stdin:2: E_ARGS: '$b' has no value: let gives a name its value, and $$ is a $\n" +
        "causeway: stdin:3: E_ARGS: '$n' has no value: let gives a name its value, and $$ is a $\n",
    );
    expect(cluster.calls).toEqual([]);
  });

  test('cannot make a line longer than a line may be', () => {
    const doubled = Array.from({ length: 30 }, () => 'let a = $a$a').join('\n');
    const told = expand(`let a = ${'x'.repeat(1024)}\n${doubled}`);
    expect(told[0]).toBe('11: E_LINE_TOO_LONG');
    expect(told).toHaveLength(21);
  });

  test('takes time in proportion to the line', () => {
    expect(texts(`let a = 1\nput 1 k ${'$a${'.repeat(200_000)}`)[0]).toHaveLength(600_008);
  });
});
