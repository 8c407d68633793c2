// Verdicts as the page reads them, from what the program really writes.
import { describe, expect, it } from 'vitest';
import { runScript } from '../../../src/web/run/runScript.ts';
import { joinHolding, readVerdict } from '../../../src/web/script/verdictParts.ts';

async function judge(script: string) {
  const view = await runScript({ script, protocol: 'causal', seed: 1, faults: '' });
  return readVerdict(view.verdict.lines);
}

const TWO = `protocol causal gossip=off
joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 1
`;

describe('a verdict', () => {
  it('has what holds, the first broken level with its lines, stores and answers', async () => {
    const parts = await judge(`${TWO}put 5 x 1\nget 6 x\nstabilize\n`);
    expect(parts.map(({ judgement, levels }) => [judgement, levels])).toEqual([
      ['holds', expect.arrayContaining(['sequential'])],
      ['broken', ['linearizable']],
      ['holds', ['convergence']],
      ['holds', ['no-lost-writes']],
      ['answered', []],
    ]);
    expect(parts[1]?.text).toContain('client 6 found no x (line 7)');
    expect(parts[1]?.rows).toEqual([
      { line: 6, text: 'put 5 x 1' },
      { line: 7, text: 'get 6 x -> ERR_KEY' },
    ]);
    expect(parts[4]?.text).toBe('all of 2 operations');
  });

  it('says when nothing could be judged', async () => {
    const [part] = await judge('joinServer 0\n');
    expect(part?.judgement).toBe('undecided');
    expect(part?.text).not.toBe('');
  });

  it('lists the clients that got no answer', async () => {
    const parts = await judge(`${TWO}breakConnection 6 1\nput 6 x 1\nput 5 x 2\n`);
    const answered = parts.find(({ judgement }) => judgement === 'answered');
    expect(answered?.text).toBe('1 of 2 operations');
    expect(answered?.rows).toEqual([
      { line: undefined, text: expect.stringContaining('client 6: of 1') },
    ]);
  });
});

describe('neighbours that hold', () => {
  it('are one part', () => {
    const lines = [
      'holds: pram',
      'causal: broken (X): s',
      'convergence: holds',
      'no-lost-writes: holds',
    ];
    expect(joinHolding(readVerdict(lines)).map(({ levels }) => levels)).toEqual([
      ['pram'],
      ['causal'],
      ['convergence', 'no-lost-writes'],
    ]);
  });
});

describe('single lines', () => {
  it('several levels can be undecided for one reason', () => {
    const [part] = readVerdict(['sequential, pram: undecided: too many operations']);
    expect(part).toEqual({
      levels: ['sequential', 'pram'],
      judgement: 'undecided',
      text: 'too many operations',
      rows: [],
    });
  });

  it('an operation of a line with several', () => {
    const [part] = readVerdict(['pram: broken (X): s', '  line 4, operation 7, at 12 ms: get 1 k']);
    expect(part?.rows).toEqual([{ line: 4, text: 'operation 7, at 12 ms: get 1 k' }]);
  });

  it('keeps a line that it does not know', () => {
    expect(readVerdict(['Something new'])[0]?.text).toBe('Something new');
  });
});
