// What a run is exported as can be read by the programs that it is for. Their notations are checked
// by strict readers, written after their documentation; the texts of users must come back whole.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXPORTS } from '../../src/web/export/exports.ts';
import { toMermaid } from '../../src/web/export/mermaid.ts';
import { toPlantUml } from '../../src/web/export/plantuml.ts';
import { toHistoryFile, toTraceFile } from '../../src/web/export/recordFiles.ts';
import { type Sequence, toSequence } from '../../src/web/export/sequence.ts';
import { SHIVIZ_PATTERN, toShiviz } from '../../src/web/export/shiviz.ts';
import { buildModel } from '../../src/web/picture/model.ts';
import { showText } from '../../src/web/picture/text.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import type { RunView } from '../../src/web/view.ts';
import { findShippedScript, listShippedScripts } from '../scripts/shipped.ts';
import { extent, sample } from '../support/extent.ts';
import { happenedBefore } from './happenedBefore.ts';
import { readMermaid, readPlantUml } from './sequenceNotations.ts';

const STALE = [
  'joinServer 0',
  'joinServer 1',
  'joinClient 2 0',
  'joinClient 3 1',
  'breakConnection 0 1',
  'put 2 x 1',
  'get 3 x',
  'createConnection 0 1',
];

function run(script: string, faults = ''): Promise<RunView> {
  return runScript({ script, protocol: 'causal', seed: 1, faults });
}

function runShipped(name: string, faults = ''): Promise<RunView> {
  return run(readFileSync(findShippedScript(name).path, 'utf8'), faults);
}

describe('a sequence', () => {
  it('has the operations that broke a level, and what happened before them', async () => {
    const view = await run(`${STALE.join('\n')}\nput 3 y 1\n`);
    const sequence = toSequence(buildModel(view), view);
    expect(readMermaid(toMermaid(sequence))).toEqual({
      comments: [view.verdict.witness?.sentence],
      title: 'linearizable is broken',
      participants: ['server 0', 'server 1', 'client 2', 'client 3'],
      steps: [
        'server 1 -> server 0: join',
        'server 0 => server 1: join',
        'server 0, server 1: link cut (line 5)',
        'client 2: (!) put x 1 (line 6)',
        'client 2 -> server 0: write',
        'server 0 => client 2: write',
        'client 3 -> server 1: read',
        'server 1 => client 3: read',
        'client 3: (!) get x -> absent (line 7)',
      ],
    });
    expect(readPlantUml(toPlantUml(sequence))).toEqual(readMermaid(toMermaid(sequence)));
  });

  it('is the whole run if nothing is broken, and says how much it leaves out', async () => {
    const script = 'joinServer 0\njoinClient 1 0\nput 1 x 1\nput 1 x 2\n';
    const view = await run(script);
    const model = buildModel(view);
    const all = toSequence(model, view);
    expect(all).toMatchObject({ title: 'The run', sentence: undefined, leftOut: 0 });
    const short = toSequence(model, view, 3);
    expect(short.steps).toEqual(all.steps.slice(-3));
    expect(short.leftOut).toBe(all.steps.length - 3);
    for (const text of [readMermaid(toMermaid(short)), readPlantUml(toPlantUml(short))]) {
      expect(text.steps[0]).toContain(`${short.leftOut} earlier steps are left out`);
      expect(text.steps.length).toBe(4);
    }
  });

  it('shows losses, deaths and pauses', async () => {
    const view = await run(
      [
        ...STALE.slice(0, 4),
        'link 0 1 loss=1',
        'put 2 x 1',
        'pauseServer 1',
        'killServer 0',
        '',
      ].join('\n'),
    );
    const { steps } = readMermaid(toMermaid(toSequence(buildModel(view), view)));
    expect(steps).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^server 0 -x server 1: \w+: lost$/),
        'server 1: pauses',
        'server 0: life 1 ends',
      ]),
    );
  });

  it.each(sample(listShippedScripts(), 2))('$name is valid in both notations', async ({ path }) => {
    const view = await run(readFileSync(path, 'utf8'), 'loss=0.1,delay=1..40');
    const sequence = toSequence(buildModel(view), view);
    expect(readPlantUml(toPlantUml(sequence))).toEqual(readMermaid(toMermaid(sequence)));
  });

  it('gives texts of users back whole, whatever is in them', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('end', '%%{init}%%', '@enduml', '<script>', '!include x', 'a\nb', '\u202eb'),
      fc.string({ unit: fc.constantFrom(...'#;:&<>"\'`~*/\\_-[]{}()|=!@$%^x1 '.split('')) }),
    );
    fc.assert(
      fc.property(hostile, (given) => {
        const text = showText(given);
        const sequence = sequenceWith(text);
        for (const read of [readMermaid(toMermaid(sequence)), readPlantUml(toPlantUml(sequence))]) {
          // Blanks at the ends of a text are no part of it in either notation.
          expect(read.comments).toEqual([`said ${text}`.trim()]);
          expect(read.steps).toEqual([
            `server 0 -> client 1: m ${text}`.trim(),
            `client 1: (!) put ${text}`.trim(),
          ]);
        }
      }),
      { numRuns: extent({ full: 100, quick: 40 }) },
    );
  });
});

function sequenceWith(text: string): Sequence {
  const message = { kind: 'message', from: 0, to: 1, isReply: false, isLost: false } as const;
  return {
    ...{ title: 'a title', sentence: `said ${text}`, leftOut: 0 },
    participants: [
      { number: 0, lane: { node: 0, role: 'server' } },
      { number: 1, lane: { node: 1, role: 'client' } },
    ],
    steps: [
      { ...message, text: `m ${text}` },
      { kind: 'note', lanes: [1], text: `put ${text}`, isWitness: true },
    ],
  };
}

interface Logged {
  readonly host: string;
  readonly clock: Readonly<Record<string, number>>;
}

/**
 * As ShiViz reads a file: by the expression of its first line, which it puts between ^ and $. Its
 * named groups are older than those of JavaScript, so the expression may have no group within
 * another, and no other one. Then it refuses clocks that cannot be.
 */
function readShiviz(text: string): Logged[] {
  const [pattern = '', delimiter, ...rest] = text.split('\n');
  expect(pattern).toBe(SHIVIZ_PATTERN);
  expect(pattern.match(/\(\?<\w+>[^()]+\)/g)?.length).toBe(3);
  expect(pattern.match(/[()]/g)?.length).toBe(6);
  expect(delimiter).toBe('');
  const matches = [
    ...rest
      .join('\n')
      .trim()
      .matchAll(new RegExp(`^${pattern}$`, 'gm')),
  ];
  expect(matches.length).toBe(rest.length - 1);
  const logged = matches.map(({ groups = {} }): Logged => {
    return { host: groups.host ?? '', clock: JSON.parse(groups.clock ?? '') };
  });
  const counts = new Map<string, number>();
  for (const { host, clock } of logged) {
    counts.set(host, (counts.get(host) ?? 0) + 1);
    expect(clock[host]).toBe(counts.get(host));
  }
  for (const [host, time] of logged.flatMap(({ clock }) => Object.entries(clock))) {
    expect(time).toBeGreaterThanOrEqual(1);
    expect(time).toBeLessThanOrEqual(counts.get(host) ?? 0);
  }
  return logged;
}

describe('a ShiViz log', () => {
  it.each([
    ['causal/partition', ''],
    ['causal/rejoin', 'loss=0.1,duplication=0.2,delay=1..40'],
    ['chain/middle-dies', 'duplication=0.1'],
    ['sharded/partition', ''],
  ])('orders the events of %s with faults %j as happened-before does', async (name, faults) => {
    const { events } = await runShipped(name, faults);
    const part = events.slice(0, 400);
    const model = buildModel({
      ...{ events: part, history: [], verdict: { lines: [], witness: null } },
    });
    const logged = readShiviz(toShiviz(model).text);
    const order = happenedBefore(part);
    expect(logged.length).toBe(order.length);
    const differing = logged.flatMap((a, from) =>
      logged.flatMap((b, to) => {
        const isBefore = from !== to && (b.clock[a.host] ?? 0) >= (a.clock[a.host] ?? 0);
        return isBefore === order[from]?.has(to) ? [] : [[from, to]];
      }),
    );
    expect(differing).toEqual([]);
  });

  it('is cut where ShiViz would be too slow, and says how much it leaves out', async () => {
    const model = buildModel(await run(`${STALE.join('\n')}\n`));
    const all = readShiviz(toShiviz(model).text);
    const { text, leftOut } = toShiviz(model, 10);
    expect(readShiviz(text)).toEqual(all.slice(0, 10));
    expect(leftOut).toBe(all.length - 10);
  });

  it('has each event on one line, whatever is in it', async () => {
    const view = await run(`${STALE.slice(0, 3).join('\n')}\nput 2 } {\u2028{"a":1}\u202e\n`);
    const model = buildModel(view);
    expect(readShiviz(toShiviz(model).text).length).toBeGreaterThan(0);
  });
});

describe('the files of the command line', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-exports-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['causal/partition', ''],
    ['quorum/demo', 'loss=0.05,delay=1..40'],
    ['sharded/power-cut', ''],
  ])('--trace and --history write the same bytes for %s', async (name, faults) => {
    const { path } = findShippedScript(name);
    const [trace, history] = ['trace', 'history'].map((one) => join(folder, one)) as [
      string,
      string,
    ];
    const words = ['--sim', '--seed', '1', '--trace', trace, '--history', history];
    const wanted = faults === '' ? words : [...words, '--faults', faults];
    spawnSync(process.execPath, ['master.js', ...wanted, path], { encoding: 'utf8' });
    const view = await runShipped(name, faults);
    expect(view.events.length).toBeGreaterThan(0);
    expect(toTraceFile(view)).toBe(readFileSync(trace, 'utf8'));
    expect(toHistoryFile(view)).toBe(readFileSync(history, 'utf8'));
  });
});

it('every export can be made of a run without a node', async () => {
  const view = await run('# nothing\n');
  const texts = EXPORTS.map(({ make }) => make(view).text);
  expect(texts[0]).toBe('# nothing\n');
  expect(texts.length).toBe(7);
});
