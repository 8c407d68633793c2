// What the trace says about a script's commands, the same in both worlds: what happens to nodes and
// links, and which line caused it. And the page about the trace has every event and field.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../src/kernel/trace.ts';
import { launch, simulate, withTrace } from './scripts/programs.ts';

/** Lines, and the events that they give but for messages, worked out by hand. */
const ORDERS: readonly (readonly [line: string, ...events: string[]])[] = [
  ['# no order'],
  ['joinServer 0', 'start 0'],
  ['joinServer 1', 'start 1', 'link 1 0'],
  ['joinServer 2', 'start 2', 'link 2 0', 'link 2 1'],
  ['joinClient 10 0', 'start 10', 'link 10 0'],
  ['joinClient 10 1', 'link 10 1'],
  ['breakConnection 0 1 oneway', 'mute 0 1'],
  ['breakConnection 0 1 oneway'],
  ['breakConnection 1 0 oneway', 'mute 1 0'],
  ['breakConnection 1 2', 'cut 1 2'],
  ['breakConnection 2 1'],
  ['createConnection 2 0'],
  ['heal', 'link 1 0', 'link 2 1'],
  ['partition 0 10 | 1 2', 'cut 0 1', 'cut 0 2', 'cut 10 1'],
  ['createConnection 1 0', 'link 1 0'],
  ['put 10 k v'],
  ['heal', 'link 10 1', 'link 2 0'],
  ['pauseServer 2', 'pause 2'],
  ['breakConnection 2 1', 'cut 2 1'],
  ['breakConnection 0 2 oneway', 'mute 0 2'],
  ['resumeServer 2', 'resume 2'],
  ['heal', 'link 2 0', 'link 2 1'],
  ['concurrently'],
  ['get 10 k'],
  ['breakConnection 10 1', 'cut 10 1'],
  ['end'],
  ['stabilize'],
  ['killServer 1', 'crash 1'],
  ['joinServer 1', 'start 1', 'link 1 0', 'link 1 2'],
  ['nonsense'],
  ['printStore 1'],
];
const SCRIPT = `${ORDERS.map(([line]) => line).join('\n')}\n`;
const LINE = Object.fromEntries(ORDERS.map(([line], index) => [line, index + 1]));

const WORLDS = { simulation: simulate, 'real processes': launch };

async function traceOf(run: typeof simulate): Promise<readonly TraceEvent[]> {
  const { trace } = await withTrace(run, Buffer.from(SCRIPT));
  return readTrace(trace);
}

function readTrace(text: string): TraceEvent[] {
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as TraceEvent);
}

/** `7: mute 0 1`; undefined for messages and notes. */
function tellOrder(event: TraceEvent): string | undefined {
  if (['send', 'receive', 'drop', 'note'].includes(event.event)) return undefined;
  const peer = 'peer' in event ? ` ${event.peer}` : '';
  return `${event.line}: ${event.event} ${event.node}${peer}`;
}

/** `16: receive put at 10`, for what the master asks and is answered. */
function tellCall(event: TraceEvent): string | undefined {
  if (event.event !== 'receive' && event.event !== 'send') return undefined;
  if ((event.event === 'receive' ? event.from : event.to) !== 'master') return undefined;
  return `${event.line}: ${event.event} ${event.method} at ${event.node}`;
}

/** `16: send write`, for the messages of client 10 over its links. */
function tellClient(event: TraceEvent): string | undefined {
  if (event.node !== 10 || (event.event !== 'receive' && event.event !== 'send')) return undefined;
  if ((event.event === 'receive' ? event.from : event.to) === 'master') return undefined;
  return `${event.line}: ${event.event} ${event.method}`;
}

const tellAll = (trace: readonly TraceEvent[], tell: typeof tellOrder): string[] =>
  trace.flatMap((event) => tell(event) ?? []);

describe('the trace of orders', () => {
  const traces = new Map<string, Promise<readonly TraceEvent[]>>();
  const traceIn = (world: keyof typeof WORLDS): Promise<readonly TraceEvent[]> => {
    const trace = traces.get(world) ?? traceOf(WORLDS[world]);
    traces.set(world, trace);
    return trace;
  };

  it.each(['simulation', 'real processes'] as const)(
    'says with its line what becomes of nodes and links: %s',
    async (world) => {
      const expected = ORDERS.flatMap(([, ...events], index) =>
        events.sort().map((event) => `${index + 1}: ${event}`),
      );
      const told = tellAll(await traceIn(world), tellOrder);
      const isByLine = told.map((text) => Number.parseInt(text, 10));
      expect(isByLine, 'one line after the other').toEqual(isByLine.toSorted((a, b) => a - b));
      expect(told.sort()).toEqual(expected.sort());
    },
  );

  it('names the line of every call, and of the answer to it, alike in both worlds', async () => {
    const calls = tellAll(await traceIn('simulation'), tellCall).sort();
    expect(calls.filter((text) => text.startsWith('undefined'))).toEqual([]);
    const put = LINE['put 10 k v'];
    const ofPut = [
      'receive put at 10',
      'receive settle at 0',
      'send put at 10',
      'send settle at 0',
    ];
    expect(calls.filter((text) => text.startsWith(`${put}: `))).toEqual(
      ofPut.map((text) => `${put}: ${text}`),
    );
    for (const call of [
      `${LINE['get 10 k']}: receive get at 10`,
      `${LINE.stabilize}: send stabilize at 0`,
      `${LINE['killServer 1']}: receive disconnect at 0`,
      `${LINE['printStore 1']}: receive printStore at 1`,
      // Heard by a server that slept, when it had been resumed.
      `${LINE['breakConnection 2 1']}: receive disconnect at 2`,
    ]) {
      expect(calls).toContain(call);
    }
    expect(tellAll(await traceIn('real processes'), tellCall).sort()).toEqual(calls);
  });

  it.each(['simulation', 'real processes'] as const)(
    'names the line of an operation on the messages of its client: %s',
    async (world) => {
      const put = LINE['put 10 k v'];
      const told = tellAll(await traceIn(world), tellClient);
      expect(told.slice(0, 2)).toEqual([`${put}: send write`, `${put}: receive write`]);
      expect(told[2]).toBe(`${LINE['get 10 k']}: send read`);
    },
  );

  it.each(['simulation', 'real processes'] as const)(
    'has every receipt between the link and the cut: %s',
    async (world) => {
      const open = new Set<string>();
      const nameLink = (a: unknown, b: unknown): string => [a, b].sort().join('-');
      const lastLine = LINE['pauseServer 2'] ?? 0;
      let receipts = 0;
      for (const event of await traceIn(world)) {
        if ((event.line ?? 0) >= lastLine) break;
        if (event.event === 'link') open.add(nameLink(event.node, event.peer));
        if (event.event === 'cut') open.delete(nameLink(event.node, event.peer));
        if (event.event !== 'receive' || event.from === 'master') continue;
        expect(open, JSON.stringify(event)).toContain(nameLink(event.node, event.from));
        receipts += 1;
      }
      expect(receipts).toBeGreaterThan(5);
    },
  );
});

/** One server cannot keep what three have to keep. */
const REFUSED = 'protocol quorum\njoinServer 0\njoinClient 5 0\nput 5 x v\n';

describe('the page about the trace', () => {
  /** By event: its own fields. */
  const documented = new Map<string, readonly string[]>();
  const page = readFileSync('docs/trace.md', 'utf8');
  const [, events = ''] = page.split('## The events');
  for (const [, event = '', fields = ''] of events.matchAll(/^\| `([a-z]+)` \| ([^|]*) \|/gm)) {
    documented.set(event, fields.match(/[a-z]+/g) ?? []);
  }

  it('has every event and every field, and no others', async () => {
    const faults = ['--faults', 'loss=0.3,duplication=0.2'];
    const seen = new Map<string, Set<string>>();
    const runs = [
      [SCRIPT, []],
      [SCRIPT, faults],
      [REFUSED, []],
    ] as const;
    for (const [script, words] of runs) {
      const { trace } = await withTrace(simulate, Buffer.from(script), [...words]);
      for (const event of readTrace(trace)) {
        const { at, node, incarnation, lamport, ...own } = event;
        expect([at, node, incarnation, lamport].map((field) => typeof field)).toEqual(
          Array.from({ length: 4 }, () => 'number'),
        );
        const fields = seen.get(own.event) ?? new Set();
        seen.set(own.event, fields);
        for (const field of Object.keys(own)) if (field !== 'event') fields.add(field);
      }
    }
    const sorted = (fields: Iterable<readonly [string, Iterable<string>]>) =>
      Object.fromEntries(Array.from(fields, ([event, names]) => [event, [...names].sort()]));
    expect(sorted(seen)).toEqual(sorted(documented));
  });
});
