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
    expect(whyNot(() => expect(run).toAnswer(/^y/))).toBe(
      'expected the run to answer\n  /^y/\nit answered\n  x:ERR_KEY\n  x:1',
    );
  });

  it('knows a run that prints nothing', async () => {
    const silent = await runScript('joinServer 0\n');
    expect(silent).toAnswer();
    expect(silent).toAnswer('');
    expect(silent).not.toAnswer('x:1');
  });
});

describe('toAnswerAt', () => {
  it('compares the answer to one line', () => {
    expect(run).toAnswerAt(7, 'x:ERR_KEY');
    expect(run).toAnswerAt(8, 'x:2', 'x:1');
    expect(run).not.toAnswerAt(8, /2/);
    expect(run).not.toAnswerAt(1, '');
    expect(whyNot(() => expect(run).toAnswerAt(1, 'x:1'))).toBe(
      'expected line 1 to answer one of\n  x:1\nit answered nothing there',
    );
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
