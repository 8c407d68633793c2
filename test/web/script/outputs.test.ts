// The outputs of a run as the page arranges them.
import { describe, expect, it } from 'vitest';
import { arrange, isCut } from '../../../src/web/script/arrange.ts';
import { groupByLine, toRemark } from '../../../src/web/script/said.ts';

describe('remarks', () => {
  it.each([
    [
      { text: "causeway: script:3: E_UNKNOWN_COMMAND: 'x' is no command", line: 3 },
      { severity: 'error', code: 'E_UNKNOWN_COMMAND', text: "'x' is no command" },
    ],
    [
      { text: 'causeway: dir/a:1: b.txt:12: note: put: no answer', line: 12 },
      { severity: 'info', code: 'note', text: 'put: no answer' },
    ],
    [
      { text: 'causeway: script:4: ERR_UNAVAILABLE: too few', line: 4 },
      { severity: 'warning', code: 'ERR_UNAVAILABLE', text: 'too few' },
    ],
    [
      { text: 'causeway: script:4: E_TIMEOUT: server 1', line: 4 },
      { severity: 'warning', code: 'E_TIMEOUT', text: 'server 1' },
    ],
    [
      { text: 'causeway: warning: it will end soon' },
      { severity: 'warning', code: 'warning', text: 'it will end soon' },
    ],
    [
      { text: 'something else: 1\n2' },
      { severity: 'info', code: 'note', text: 'something else: 1\n2' },
    ],
  ])('%j', (said, remark) => {
    expect(toRemark(said)).toEqual(remark);
  });
});

describe('outputs by line', () => {
  it('keep their order, with those of no line under 0', () => {
    const outputs = groupByLine([
      { stream: 'answer', text: 'k:1', line: 5 },
      { stream: 'diagnostic', text: 'causeway: note: hello' },
      { stream: 'answer', text: 'k:2', line: 5 },
    ]);
    expect(outputs.get(5)?.answers).toEqual(['k:1', 'k:2']);
    expect(outputs.get(0)?.remarks.map(({ text }) => text)).toEqual(['hello']);
  });
});

describe('the place of outputs', () => {
  const of = (answers: readonly string[], isWhole = false) =>
    arrange({ answers, remarks: [] }, isWhole);

  it('is beside the line for one answer, and for a few short ones', () => {
    expect(of(['tea:green']).beside).toEqual([{ text: 'tea:green', cut: 0 }]);
    expect(of(['tea:green', 'tea:red']).beside).toHaveLength(2);
  });

  it('is below the line for many, of which the first are shown', () => {
    const answers = Array.from({ length: 20 }, (_, at) => `key${at}:1`);
    const { beside, below, hidden } = of(answers);
    expect([beside.length, below.length, hidden]).toEqual([0, 8, 12]);
    expect(isCut(of(answers))).toBe(true);
    expect(of(answers, true).below).toHaveLength(20);
    expect(isCut(of(answers, true))).toBe(false);
  });

  it('cuts a very long answer between characters, and shows the whole on demand', () => {
    const long = `k:${'🫖'.repeat(4000)}`;
    const [shown] = of([long]).beside;
    // Throws for half a character.
    expect(() => encodeURIComponent(shown?.text ?? '')).not.toThrow();
    expect((shown?.text.length ?? 0) + (shown?.cut ?? 0)).toBe(long.length);
    expect(shown?.cut).toBeGreaterThan(7000);
    expect(of([long], true).beside[0]).toEqual({ text: long, cut: 0 });
  });

  it('escapes what misleads a reader', () => {
    expect(of(['k:a\u202eb\u0007']).beside[0]?.text).toBe('k:a\\u202eb\\x07');
  });
});
