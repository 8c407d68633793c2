import { describe, expect, it } from 'vitest';
import { runScript } from '../../src/runner/index.ts';
import '../../src/runner/vitest.ts';

const SCRIPT = `joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 1
partition 0 | 1
put 5 x 1
get 6 x
get 5 x
`;
const run = await runScript(SCRIPT);
const DIFFERS = 'expected the run to answer: - is missing, + was answered instead';

function whyNot(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return (error as Error).message;
  }
  return 'it passes';
}

describe('toHold', () => {
  it('passes for levels that hold, and fails with the operations that show why not', () => {
    expect(run).toHold('causal', 'monotonic-reads');
    expect(run).not.toHold('linearizable');
    const why = whyNot(() => expect(run).toHold('causal', 'linearizable'));
    expect(why).toMatch(/^expected the run to hold causal, linearizable:\n\ncausal: holds\nlin/);
    expect(why).toContain('client 6 found no x (line 7)');
    expect(whyNot(() => expect(run).not.toHold('causal'))).toMatch(/^expected the run not to hold/);
  });

  it('fails for a level that is undecided, also with not', () => {
    expect(whyNot(() => expect(run).toHold('convergence'))).toMatch(/undecided/);
    expect(whyNot(() => expect(run).not.toHold('convergence'))).toMatch(/undecided/);
    expect(run).not.toHold('convergence', 'linearizable');
  });
});

describe('toAnswer', () => {
  it('compares all lines of the output', () => {
    expect(run).toAnswer('x:ERR_KEY', 'x:1');
    expect(run).toAnswer('x:ERR_KEY\nx:1\n');
    expect(run).toAnswer('x:ERR_KEY', /^x:\d$/g);
    expect(run).not.toAnswer('x:1', 'x:ERR_KEY');
    expect(run).not.toAnswer('x:ERR_KEY');
    expect(run).not.toAnswer('x:ERR_KEY', 'x:1', 'x:1');
    expect(whyNot(() => expect(run).toAnswer(/^y/, 'x:1'))).toBe(`${DIFFERS}
- /^y/
+ x:ERR_KEY   (line 7)
  x:1`);
    expect(whyNot(() => expect(run).not.toAnswer('x:ERR_KEY', /1/))).toBe(
      'expected the run not to answer\n  x:ERR_KEY\n  /1/',
    );
  });

  it('knows a run that prints nothing', async () => {
    const silent = await runScript('joinServer 0\n');
    expect(silent).toAnswer();
    expect(silent).toAnswer('');
    expect(silent).not.toAnswer('x:1');
  });

  it('shows of a long output what is around the differences', async () => {
    const head = 'joinServer 0\njoinClient 5 0\n';
    const numbers = Array.from({ length: 200 }, (_, at) => at);
    const long = await runScript(head + numbers.map((at) => `put 5 x ${at}\nget 5 x\n`).join(''));
    const wanted = numbers.map((at) => (at === 100 ? 'x:a' : `x:${at}`));
    expect(whyNot(() => expect(long).toAnswer(...wanted))).toBe(`${DIFFERS}
  ... 98 lines as expected
  x:98
  x:99
- x:a
+ x:100   (line 204)
  x:101
  x:102
  ... 97 lines as expected`);
    const why = whyNot(() => expect(long).toAnswer('x:0', 'y'));
    expect(why.split('\n')).toHaveLength(23);
    expect(why).toMatch(/^ {2}x:0\n- y\n\+ x:1 {3}\(line 6\)\n/m);
    expect(why).toMatch(/\n {2}\.\.\. and 180 more differences$/);
  });

  it('refuses a list of lines as one argument', () => {
    const lines = ['x:ERR_KEY', 'x:1'] as unknown as string;
    expect(() => expect(run).toAnswer(lines)).toThrow(/each as an argument of its own/);
    expect(() => expect(run).toAnswerAt(8, 1 as unknown as string)).toThrow(/takes texts/);
  });
});

describe('toPass', () => {
  it('is about what the script itself expects and checks', async () => {
    const kept = await runScript(`${SCRIPT}expect x:1\ncheck causal\n`);
    expect(kept).toPass();
    expect(whyNot(() => expect(kept).not.toPass())).toBe(
      'expected the claims of the script not to hold',
    );
    const failed = await runScript(`${SCRIPT}expect x:2\ncheck causal linearizable\n`);
    expect(failed).not.toPass();
    const why = whyNot(() => expect(failed).toPass());
    expect(why).toMatch(
      /^expected the claims of the script to hold\n {2}line 9: expect 'x:2'\n {4}expected 'x:2'/,
    );
    expect(why).toMatch(
      /\n {2}line 10: check linearizable\n {4}linearizable: .*\n {6}line 6: put 5 x 1\n/,
    );
    expect(why).not.toContain('check causal');
  });

  it('passes a script that claims nothing', () => {
    expect(run).toPass();
  });

  it('fails for a check that is undecided, also with not', async () => {
    const undecided = await runScript(`${SCRIPT}check convergence\n`);
    expect(whyNot(() => expect(undecided).toPass())).toMatch(
      /line 9: check convergence\n.*no stab/,
    );
    expect(whyNot(() => expect(undecided).not.toPass())).toMatch(/no stabilize/);
  });
});

describe('a script with a bad line', () => {
  const why = /^expected a script without bad lines\n {2}line 9: E_NO_SUCH_CLIENT: .* 7$/;

  it('passes no matcher, also with not', async () => {
    const bad = await runScript(`${SCRIPT}get 7 x\n`);
    for (const wished of [expect(bad), expect(bad).not]) {
      expect(whyNot(() => wished.toPass())).toMatch(why);
      expect(whyNot(() => wished.toHold('causal'))).toMatch(why);
      expect(whyNot(() => wished.toHold('linearizable'))).toMatch(why);
      expect(whyNot(() => wished.toAnswer('x:ERR_KEY', 'x:1'))).toMatch(why);
      expect(whyNot(() => wished.toAnswer('x:2'))).toMatch(why);
      expect(whyNot(() => wished.toAnswerAt(8, 'x:1'))).toMatch(why);
      expect(whyNot(() => wished.toAnswerAt(9, 'x:1'))).toMatch(why);
    }
  });
});

it('names the first of many bad lines, and counts the others', async () => {
  const bad = await runScript('fly\n'.repeat(1000));
  const lines = whyNot(() => expect(bad).toPass()).split('\n');
  expect(lines).toHaveLength(22);
  expect(lines.at(-1)).toBe('  ... and 980 more');
});

describe('toAnswerAt', () => {
  it('compares the answer to one line', () => {
    expect(run).toAnswerAt(7, 'x:ERR_KEY');
    expect(run).toAnswerAt(8, 'x:2', 'x:1');
    expect(run).not.toAnswerAt(8, /2/);
    expect(run).not.toAnswerAt(1, '');
    expect(whyNot(() => expect(run).toAnswerAt(1, 'x:1'))).toBe(
      'expected line 1 to answer one of\n  x:1\nit answered nothing there; ' +
        'the nearest answers:\n  line 7: x:ERR_KEY\n  line 8: x:1',
    );
  });

  it('names the nearest answers to a line that has none', async () => {
    const many = await runScript(SCRIPT + 'get 5 x\n'.repeat(20));
    expect(whyNot(() => expect(many).toAnswerAt(6, /1/))).toMatch(
      /:\n {2}line 7: x:ERR_KEY\n {2}line 8: x:1\n {2}line 9: x:1$/,
    );
    const silent = await runScript('joinServer 0\n');
    expect(whyNot(() => expect(silent).toAnswerAt(1, /1/))).toMatch(/the script answered nothing$/);
  });

  it('has several lines for an answer of several', async () => {
    const printed = await runScript(`${SCRIPT}put 5 y 2\nprintStore 0\n`);
    expect(printed).toAnswerAt(10, 'x:1\ny:2');
  });
});

it.each([
  ['a promise', runScript(SCRIPT), /a promise of a run: await it/],
  ['a text', 'x:1', /no run of runScript/],
  ['nothing', undefined, /no run of runScript/],
])('refuses %s', (_what, received, why) => {
  expect(() => expect(received).toAnswer('x:1')).toThrow(why);
  expect(() => expect(received).not.toHold('causal')).toThrow(why);
});

it('refuses to judge by nothing', () => {
  expect(() => expect(run).toHold()).toThrow(/needs the name of a level/);
  expect(() => expect(run).toAnswerAt(8)).toThrow(/needs a text or a pattern/);
});
