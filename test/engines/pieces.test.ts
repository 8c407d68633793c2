// The pieces around a program of others: its output cut into lines, its command, its last words,
// and the faults that the command line gives its messages.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitCommand } from '../../src/engines/nodes/command.ts';
import { Complaints } from '../../src/engines/nodes/complaints.ts';
import { LineSplitter } from '../../src/engines/nodes/lineSplitter.ts';
import { RequestNames } from '../../src/engines/nodes/requestNames.ts';
import { areEqual, awaitEqualStores, type Watched } from '../../src/engines/world/stabilize.ts';
import { toUsual, whyNoUsual } from '../../src/master/realFaults.ts';
import { Tail } from '../../src/processes/tail.ts';
import { parseFaults } from '../../src/sim/faultText.ts';

describe('output in lines', () => {
  const MOST = 8;
  const split = (chunks: readonly Buffer[]): string[] => {
    const splitter = new LineSplitter(MOST);
    return chunks.flatMap((chunk) => Array.from(splitter.take(chunk), String));
  };

  it('is the same however it arrives', () => {
    const lines = fc.array(fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', '')));
    fc.assert(
      fc.property(lines, fc.array(fc.nat(5)), (texts, sizes) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const chunks: Buffer[] = [];
        let from = 0;
        for (const size of sizes) {
          chunks.push(bytes.subarray(from, from + size));
          from += size;
        }
        chunks.push(bytes.subarray(from));
        const isLong = (text: string): boolean => Buffer.byteLength(text) > MOST;
        const expected = texts.map((text) => (isLong(text) ? 'too long' : text));
        expect(split(chunks)).toEqual(expected);
      }),
    );
  });

  it('knows that a line has no end yet, and forgets what is too long', () => {
    const splitter = new LineSplitter(MOST);
    expect([...splitter.take(Buffer.from('a\nb'))].map(String)).toEqual(['a']);
    expect(splitter.isInLine).toBe(true);
    expect([...splitter.take(Buffer.from('x'.repeat(100)))]).toEqual([]);
    expect(splitter.isInLine).toBe(true);
    expect([...splitter.take(Buffer.from('y\nc\n'))].map(String)).toEqual(['too long', 'c']);
    expect(splitter.isInLine).toBe(false);
  });
});

it.each([
  ['python3 server.py', ['python3', 'server.py']],
  ["  sh -c  'cd x && exec ./y'\t", ['sh', '-c', 'cd x && exec ./y']],
  [`a "b 'c' d"e '' "f"`, ['a', "b 'c' de", '', 'f']],
  ['a \\ $x *', ['a', '\\', '$x', '*']],
  ['', []],
  ["a 'b", undefined],
])('the command %j has the words %j', (text, words) => {
  expect(splitCommand(text)).toEqual(words);
});

it('the last lines of an endless text are kept, cut to a length', () => {
  const heard: string[] = [];
  const tail = new Tail((line) => heard.push(line));
  for (let at = 0; at < 1_000; at += 1) tail.add(Buffer.from(`${at} ${'x'.repeat(1_000)}\n\n`));
  tail.add(Buffer.from('the '));
  tail.add(Buffer.from('end'));
  expect(tail.lines).toHaveLength(8);
  expect(tail.lines.at(-1)).toBe('the end');
  expect(tail.lines.at(-2)).toHaveLength(300);
  expect(heard).toHaveLength(1_000);
});

it('what is wrong is told once for each kind, and counted', () => {
  const told: string[] = [];
  const complaints = new Complaints('server 3', (text) => told.push(text));
  for (const what of ['a', 'b', 'c']) complaints.add('noReceiver', what);
  complaints.add('wrongSender', 'n9');
  expect(told).toEqual([
    'server 3: it sent a message to "a", which there is not',
    'server 3: it sent a message in the name of "n9"',
  ]);
  expect(complaints.counts).toEqual({ noReceiver: 3, wrongSender: 1 });
  expect(complaints.summary()).toEqual(['3 messages to nobody']);
});

it('the names of requests are forgotten when there are many', () => {
  const names = new RequestNames();
  for (let id = 0; id <= 10_000; id += 1) names.remember('c5', id, { message: `m${id}` });
  expect([names.find('c5', 0), names.find('c5', 1), names.find('c6', 1)]).toEqual([
    ...[undefined, 'm1', undefined],
  ]);
});

describe('stabilize', () => {
  const watch = async (looks: readonly (readonly (string | undefined)[])[], budgetMs = 200) => {
    const notes: string[] = [];
    let time = 0;
    let look = -1;
    const watched: Watched<string[][]> = {
      ...{ servers: [0, 1], budgetMs, now: () => time, quietMs: () => time },
      note: (text) => notes.push(text),
      sleep: async (ms) => {
        time += ms;
      },
      look: async (server) => {
        if (server === 0) look = Math.min(look + 1, looks.length - 1);
        const value = looks[look]?.[server];
        return value === 'unable' || value === undefined ? value : [['k', value]];
      },
    };
    return { ...(await awaitEqualStores(watched)), notes, time };
  };

  it.each([
    ['equal stores at once', [['a', 'a']], [0, 1], [], /^$/],
    [
      'equal stores after a while',
      [
        ['a', 'b'],
        ['b', 'b'],
      ],
      [0, 1],
      [],
      /^$/,
    ],
    ['stores that stay different', [['a', 'b']], [0, 1], [], /still differ after 200 ms/],
    ['a server that is silent', [['a', undefined]], [0], [1], /^$/],
    ['stores that are not shown', [['a', 'unable']], [0, 1], [], /\(dump\), so stabilize waited/],
  ] as const)('waits for %s', async (_what, looks, reached, missing, note) => {
    const seen = await watch(looks);
    expect([seen.reached, seen.missing]).toEqual([reached, missing]);
    expect(seen.notes.join()).toMatch(note);
    expect(seen.time).toBeLessThanOrEqual(200);
  });

  it('compares whole stores', () => {
    expect(areEqual([[['a', '1']], [['a', '1']]])).toBe(true);
    expect(areEqual([[['a', '1']], []])).toBe(false);
    expect(areEqual([])).toBe(true);
  });
});

describe('faults of messages between programs', () => {
  const usual = (plan: string) => toUsual(parseFaults(plan));

  it('add a delay only if the plan names one', () => {
    expect(usual('loss=0.2,duplication=0.1')).toMatchObject({ loss: 0.2, duplication: 0.1 });
    expect(usual('loss=0.2').delay(() => 0.5)).toBe(0);
    expect(usual('delay=10..20').delay(() => 0.5)).toBe(15);
    const chances = [0.01, 0.5];
    expect(usual('delay=10..20,tail=0.1:110').delay(() => chances.shift() ?? 0)).toBe(60);
  });

  it('are the only ones', () => {
    for (const plan of ['loss=0.1', 'duplication=0.1,delay=1..40', 'tail=0.05:2000']) {
      expect(whyNoUsual(parseFaults(plan))).toBeUndefined();
    }
    for (const plan of ['stall=0.01:100', 'disk-full=0.1', 'service-cut=0.1', 'schedule=pct:2']) {
      expect(whyNoUsual(parseFaults(plan))).toMatch(/need --sim/);
    }
  });
});
