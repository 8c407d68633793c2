// Draws a random script: servers in some topology, clients, then lines from the generators. Each
// seed leaves out some generators and makes others frequent, because scripts that use everything
// equally hide failures that need a few things to be frequent (Groce et al., "Swarm Testing", ISSTA
// 2012).
import { whyNoEffect } from '../kernel/optionEffect.ts';
import { completeOptions, type Protocol } from '../kernel/protocol.ts';
import { createRandomStream } from '../kernel/random.ts';
import { hasLog } from '../kernel/storageOption.ts';
import type { FaultPlan } from '../sim/faultPlan.ts';
import { drawClocks } from './drawClocks.ts';
import { drawCompareAndSet } from './drawCompareAndSet.ts';
import { drawFailedServers } from './drawFailedServers.ts';
import { drawFaults, drawNodeFaults, drawServiceFaults } from './drawFaults.ts';
import { drawShape } from './drawLinks.ts';
import { drawLostClients } from './drawLostClients.ts';
import { drawNewcomers } from './drawNewcomers.ts';
import { drawOneWay } from './drawOneWay.ts';
import { drawScenes } from './drawScenes.ts';
import { drawSlowLinks } from './drawSlowLinks.ts';
import type { Generator } from './generator.ts';
import { generatorsFor, joinClient } from './generators.ts';
import { RandomSource } from './randomSource.ts';
import { ScriptModel } from './scriptModel.ts';
import type { TestCase } from './testCase.ts';

/** The probability that a generator is used in a script. */
const FEATURE_SHARE = 0.6;
const BLOCK_SHARE = 0.5;
/** The probability that an option gets a random sample and not its default. */
const OPTION_SHARE = 0.9;

/** Ranges: the number of servers and clients at the beginning, and of generated steps. */
const SIZES = {
  usual: { servers: [1, 5], clients: [1, 4], generators: [8, 40] },
  short: { servers: [1, 3], clients: [1, 2], generators: [2, 8] },
} as const;

type Size = (typeof SIZES)[keyof typeof SIZES];

/** What usual scripts have after their generated lines, in this order: a random stream for each. */
const ADDITIONS: readonly (readonly [
  concern: string,
  draw: (model: ScriptModel, random: RandomSource) => string[],
])[] = [
  ['scenes', drawScenes],
  ['failed servers', drawFailedServers],
  ['slow links', drawSlowLinks],
  ['newcomers', drawNewcomers],
  ['lost clients', drawLostClients],
  ['one way', drawOneWay],
  ['compare and set', drawCompareAndSet],
];

/** The same protocol, seed and size always give the same test case. */
export function drawTestCase(
  protocol: Protocol,
  seed: number,
  length: keyof typeof SIZES = 'usual',
): TestCase {
  const size = SIZES[length];
  const random = new RandomSource(createRandomStream(seed, 'script'));
  const chosen = drawOptions(protocol, random);
  const options = completeOptions(protocol, Object.fromEntries(chosen));
  const hasLogs = hasLog(options);
  const faults = drawFaultPlan(protocol, seed, hasLogs);
  const haveFailingDisks = hasLogs && faults.disks.failure > 0;
  const values = new RandomSource(createRandomStream(seed, 'values'));
  const model = new ScriptModel({ protocol, hasLogs, haveFailingDisks, options }, random, values);
  const settings = chosen.map((setting) => setting.join('='));
  const head = [
    ['protocol', protocol.name, ...settings].join(' '),
    ...drawNodes(model, random, size),
  ];
  const lines = [...head, ...drawGenerators(model, random, size)];
  // What stays long is begun anew from short scripts: those have nothing that is not needed.
  if (length === 'short') return { protocol, seed, faults, lines };
  for (const [concern, draw] of ADDITIONS) {
    lines.push(...draw(model, new RandomSource(createRandomStream(seed, concern))));
  }
  const clocks = new RandomSource(createRandomStream(seed, 'clocks'));
  return { protocol, seed, faults, lines: drawClocks(lines, clocks) };
}

/** The test case, with delays chosen by that depth (`NetworkPlan`); as it was drawn without one. */
export function withSchedule(testCase: TestCase, depth: number | undefined): TestCase {
  return depth === undefined ? testCase : { ...testCase, faults: { ...testCase.faults, depth } };
}

/** Each part has a random stream of its own, so that a change of one part changes no other. */
function drawFaultPlan(protocol: Protocol, seed: number, hasLogs: boolean): FaultPlan {
  const nodes = drawNodeFaults(new RandomSource(createRandomStream(seed, 'computer health')));
  const usual = drawFaults(new RandomSource(createRandomStream(seed, 'fault plan')), hasLogs);
  const plan = { ...usual, nodes };
  if (protocol.createService === undefined) return plan;
  const random = new RandomSource(createRandomStream(seed, 'service faults'));
  return { ...plan, service: drawServiceFaults(random) };
}

/**
 * Draws again where the options contradict each other; the defaults do not. Leaves out those that
 * have no effect.
 */
function drawOptions(protocol: Protocol, random: RandomSource): Setting[] {
  for (;;) {
    const drawn = drawSettings(protocol, random);
    const options = completeOptions(protocol, Object.fromEntries(drawn));
    if (protocol.refuseOptions?.(options) !== undefined) continue;
    return drawn.filter(([name]) => whyNoEffect(protocol, options, name) === undefined);
  }
}

type Setting = [name: string, text: string];

/** For each option with samples: one of them, or the default. */
function drawSettings({ options }: Protocol, random: RandomSource): Setting[] {
  return Object.entries(options).flatMap(([name, { samples = [] }]): Setting[] => {
    const sample = random.happens(OPTION_SHARE) ? random.tryPick(samples) : undefined;
    return sample === undefined ? [] : [[name, sample]];
  });
}

function drawNodes(model: ScriptModel, random: RandomSource, { servers, clients }: Size): string[] {
  const count = random.within(servers);
  for (let index = 0; index < count; index += 1) model.addServer(model.newId());
  const joins = model.servers.map((id) => `joinServer ${id}`);
  const shape = drawShape(model.servers, random);
  const length = random.within(clients);
  return [
    ...joins,
    ...shape,
    ...Array.from({ length }, () => joinClient(model, random) ?? []).flat(),
  ];
}

function drawGenerators(model: ScriptModel, random: RandomSource, size: Size): string[] {
  const weights = new Map<Generator, number>();
  for (const generator of generatorsFor(model.protocol).values()) {
    const isIn = generator.isCore === true || random.happens(FEATURE_SHARE);
    if (isIn) weights.set(generator, generator.weight * random.pick([0.5, 1, 3]));
  }
  const overlapping = new Map([...weights].filter(([{ mayOverlap }]) => mayOverlap));
  const blockShare = random.happens(BLOCK_SHARE) ? random.pick([0.05, 0.15, 0.3]) : 0;
  const lines: string[] = [];
  for (let left = random.within(size.generators); left > 0; left -= 1) {
    if (random.happens(blockShare)) {
      const inner = drawLines(model, random, overlapping, random.between(2, 8));
      lines.push('concurrently', ...inner, 'end');
    } else {
      lines.push(...drawLines(model, random, weights, 1));
    }
  }
  return lines;
}

function drawLines(
  model: ScriptModel,
  random: RandomSource,
  weights: ReadonlyMap<Generator, number>,
  count: number,
): string[] {
  return Array.from(
    { length: count },
    () => random.weigh(weights).draw(model, random) ?? [],
  ).flat();
}
