// Draws a script: servers in some shape, clients, and then deeds. Each seed leaves some kinds of
// deed out and makes others frequent, because scripts that do a bit of everything hide what shows
// itself only when a few things come often (Groce et al., "Swarm Testing", ISSTA 2012).
import { completeOptions, type Protocol } from '../kernel/protocol.ts';
import { createRandomStream } from '../kernel/random.ts';
import { hasLog } from '../kernel/storageOption.ts';
import type { FaultPlan } from '../sim/faultPlan.ts';
import { Cast } from './cast.ts';
import type { Deed } from './deed.ts';
import { DEEDS, joinClient } from './deeds.ts';
import type { Draft } from './draft.ts';
import { drawFaults, drawServiceFaults } from './drawFaults.ts';
import { drawShape } from './drawLinks.ts';
import { drawScenes } from './drawScenes.ts';
import { Lot } from './lot.ts';

/** How likely a kind of deed is part of a script. */
const FEATURE_SHARE = 0.6;
const BLOCK_SHARE = 0.5;
/** How likely an option is not left as it usually is. */
const OPTION_SHARE = 0.9;

/** How many servers a script begins with, clients, and deeds: each from the least to the most. */
const SIZES = {
  usual: { servers: [1, 5], clients: [1, 4], deeds: [8, 40] },
  short: { servers: [1, 3], clients: [1, 2], deeds: [2, 8] },
} as const;

type Size = (typeof SIZES)[keyof typeof SIZES];

/** The same protocol, seed and size always give the same draft. */
export function drawDraft(
  protocol: Protocol,
  seed: number,
  length: keyof typeof SIZES = 'usual',
): Draft {
  const size = SIZES[length];
  const lot = new Lot(createRandomStream(seed, 'script'));
  const chosen = drawOptions(protocol, lot);
  const hasLogs = hasLog(completeOptions(protocol, Object.fromEntries(chosen)));
  const faults = drawFaultPlan(protocol, seed, hasLogs);
  const haveFailingDisks = hasLogs && faults.disks.failure > 0;
  const values = new Lot(createRandomStream(seed, 'values'));
  const cast = new Cast({ protocol, hasLogs, haveFailingDisks }, lot, values);
  const settings = chosen.map((setting) => setting.join('='));
  const head = [['protocol', protocol.name, ...settings].join(' '), ...drawNodes(cast, lot, size)];
  const lines = [...head, ...drawDeeds(cast, lot, size)];
  // What stays long is begun anew from short scripts: those have nothing that is not needed.
  if (length === 'usual') {
    lines.push(...drawScenes(cast, new Lot(createRandomStream(seed, 'scenes'))));
  }
  return { protocol, seed, faults, lines };
}

/** Each part by a lot of its own: what one of them is changes no other. */
function drawFaultPlan(protocol: Protocol, seed: number, hasLogs: boolean): FaultPlan {
  const plan = drawFaults(new Lot(createRandomStream(seed, 'fault plan')), hasLogs);
  if (protocol.createService === undefined) return plan;
  const lot = new Lot(createRandomStream(seed, 'service faults'));
  return { ...plan, service: drawServiceFaults(lot) };
}

/** Each option that has samples: one of them, or as usual. */
function drawOptions({ options }: Protocol, lot: Lot): [name: string, text: string][] {
  return Object.entries(options).flatMap(([name, { samples = [] }]): [string, string][] => {
    const sample = lot.happens(OPTION_SHARE) ? lot.tryPick(samples) : undefined;
    return sample === undefined ? [] : [[name, sample]];
  });
}

function drawNodes(cast: Cast, lot: Lot, { servers, clients }: Size): string[] {
  const count = lot.within(servers);
  for (let index = 0; index < count; index += 1) cast.addServer(cast.newId());
  const joins = cast.servers.map((id) => `joinServer ${id}`);
  const shape = drawShape(cast.servers, lot);
  const length = lot.within(clients);
  return [...joins, ...shape, ...Array.from({ length }, () => joinClient(cast, lot) ?? []).flat()];
}

function drawDeeds(cast: Cast, lot: Lot, size: Size): string[] {
  const weights = new Map<Deed, number>();
  for (const deed of DEEDS.values()) {
    const isIn = deed.isCore === true || lot.happens(FEATURE_SHARE);
    if (isIn) weights.set(deed, deed.weight * lot.pick([0.5, 1, 3]));
  }
  const overlapping = new Map([...weights].filter(([{ mayOverlap }]) => mayOverlap));
  const blockShare = lot.happens(BLOCK_SHARE) ? lot.pick([0.05, 0.15, 0.3]) : 0;
  const lines: string[] = [];
  for (let left = lot.within(size.deeds); left > 0; left -= 1) {
    if (lot.happens(blockShare)) {
      const inner = drawLines(cast, lot, overlapping, lot.between(2, 8));
      lines.push('concurrently', ...inner, 'end');
    } else {
      lines.push(...drawLines(cast, lot, weights, 1));
    }
  }
  return lines;
}

function drawLines(
  cast: Cast,
  lot: Lot,
  weights: ReadonlyMap<Deed, number>,
  count: number,
): string[] {
  return Array.from({ length: count }, () => lot.weigh(weights).draw(cast, lot) ?? []).flat();
}
