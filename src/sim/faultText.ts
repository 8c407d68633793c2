// The text form of a fault plan, for the command line and for reports of failures:
// `loss=0.1,duplication=0.1,delay=1..40,tail=0.05:2000`, or `none`. Names with `disk-` concern the
// disks of servers with logs, names with `service-` the messages to the configuration service,
// `new-run` the loss of that service's state, all others the messages between nodes.
import { type FaultPlan, NO_FAULTS } from './faultPlan.ts';
import {
  readDrift,
  readMs,
  readShare,
  readStallMs,
  readWeight,
  writeShare,
} from './faultValues.ts';

export const FAULTS_SYNTAX = 'loss=0.1,duplication=0.1,delay=1..40,tail=0.05:2000,schedule=pct:2';
export const DISK_FAULTS_SYNTAX =
  'disk-delay=1..20,disk-tail=0.05:600,disk-full=0.01,disk-failure=0.01';
export const SERVICE_FAULTS_SYNTAX = 'service-delay=1..300,service-tail=0.1:2000,service-cut=0.2';
export const NODE_FAULTS_SYNTAX =
  'clock-drift=0.5:0.1,clock-jump=0.2:5000,slow=0.2:20,stall=0.01:3000';
export const LOG_FAULTS_SYNTAX = 'disk-compaction=100,new-run=1';

interface Term {
  readonly name: string;
  /** The plan with the parsed setting. Throws an Error whose message explains what is wrong. */
  readonly read: (plan: FaultPlan, text: string) => FaultPlan;
  /** The text that gives the setting again, or undefined for the default. */
  readonly write: (plan: FaultPlan) => string | undefined;
}

interface Times {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly tail: number;
  readonly tailDelayMs: number;
}

const TERMS: readonly Term[] = [
  {
    name: 'loss',
    read: (plan, text) => ({ ...plan, loss: readShare(text) }),
    write: ({ loss }) => writeShare(loss),
  },
  {
    name: 'duplication',
    read: (plan, text) => ({ ...plan, duplication: readShare(text) }),
    write: ({ duplication }) => writeShare(duplication),
  },
  {
    name: 'delay',
    read: (plan, text) => ({ ...plan, ...readDelay(text) }),
    write: (plan) => writeDelay(plan, NO_FAULTS),
  },
  {
    name: 'tail',
    read: (plan, text) => ({ ...plan, ...readTail(text, 'tail') }),
    write: writeTail,
  },
  {
    name: 'schedule',
    read: (plan, text) => ({ ...plan, depth: readSchedule(text) }),
    write: ({ depth }) => (depth > 0 ? formatSchedule(depth) : undefined),
  },
  {
    name: 'clock-drift',
    read: (plan, text) => {
      const [drifting, most] = readShareOf(text, 'clock-drift', readDrift);
      return { ...plan, nodes: { ...plan.nodes, drifting, drift: most } };
    },
    write: ({ nodes }) => writeShareOf(nodes.drifting, nodes.drift),
  },
  {
    name: 'clock-jump',
    read: (plan, text) => {
      const [jumping, jumpMs] = readShareOf(text, 'clock-jump', readMs);
      return { ...plan, nodes: { ...plan.nodes, jumping, jumpMs } };
    },
    write: ({ nodes }) => writeShareOf(nodes.jumping, nodes.jumpMs),
  },
  {
    name: 'slow',
    read: (plan, text) => {
      const [slow, stepMs] = readShareOf(text, 'slow', readMs);
      return { ...plan, nodes: { ...plan.nodes, slow, stepMs } };
    },
    write: ({ nodes }) => writeShareOf(nodes.slow, nodes.stepMs),
  },
  {
    name: 'stall',
    read: (plan, text) => {
      const [stall, stallMs] = readShareOf(text, 'stall', readStallMs);
      return { ...plan, nodes: { ...plan.nodes, stall, stallMs } };
    },
    write: ({ nodes }) => writeShareOf(nodes.stall, nodes.stallMs),
  },
  {
    name: 'disk-delay',
    read: ({ disks, ...plan }, text) => ({ ...plan, disks: { ...disks, ...readDelay(text) } }),
    write: ({ disks }) => writeDelay(disks, NO_FAULTS.disks),
  },
  {
    name: 'disk-tail',
    read: ({ disks, ...plan }, text) => {
      return { ...plan, disks: { ...disks, ...readTail(text, 'disk-tail') } };
    },
    write: ({ disks }) => writeTail(disks),
  },
  {
    name: 'disk-full',
    read: ({ disks, ...plan }, text) => ({ ...plan, disks: { ...disks, full: readShare(text) } }),
    write: ({ disks }) => writeShare(disks.full),
  },
  {
    name: 'disk-failure',
    read: ({ disks, ...plan }, text) => {
      return { ...plan, disks: { ...disks, failure: readShare(text) } };
    },
    write: ({ disks }) => writeShare(disks.failure),
  },
  {
    name: 'disk-compaction',
    read: ({ disks, ...plan }, text) => {
      return { ...plan, disks: { ...disks, recordWeight: readWeight(text) } };
    },
    write: ({ disks }) => (disks.recordWeight > 1 ? String(disks.recordWeight) : undefined),
  },
  {
    name: 'service-delay',
    read: ({ service, ...plan }, text) => {
      return { ...plan, service: { ...service, ...readDelay(text) } };
    },
    write: ({ service }) => writeDelay(service, NO_FAULTS.service),
  },
  {
    name: 'service-tail',
    read: ({ service, ...plan }, text) => {
      return { ...plan, service: { ...service, ...readTail(text, 'service-tail') } };
    },
    write: ({ service }) => writeTail(service),
  },
  {
    name: 'service-cut',
    read: ({ service, ...plan }, text) => {
      return { ...plan, service: { ...service, cutOff: readShare(text) } };
    },
    write: ({ service }) => writeShare(service.cutOff),
  },
  {
    name: 'new-run',
    read: (plan, text) => ({ ...plan, newRun: readShare(text) }),
    write: ({ newRun }) => writeShare(newRun),
  },
];

/** The names of all settings, in the order in which they are written. */
export const FAULT_NAMES: readonly string[] = TERMS.map(({ name }) => name);

/**
 * Settings that are not named are healthy. Throws an Error whose message explains what is wrong.
 */
export function parseFaults(text: string): FaultPlan {
  if (text === 'none') return NO_FAULTS;
  const named = new Set<string>();
  let plan = NO_FAULTS;
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0));
    const term = TERMS.find((known) => known.name === name);
    if (term === undefined) {
      const names = FAULT_NAMES.join(', ');
      throw new Error(`'${part}' is none of ${names} with its value, as in ${exampleFor(name)}`);
    }
    if (named.has(name)) throw new Error(`${name} is named twice`);
    named.add(name);
    plan = term.read(plan, part.slice(at + 1));
  }
  return plan;
}

function exampleFor(name: string): string {
  if (name.startsWith('disk')) return DISK_FAULTS_SYNTAX;
  if (/^(?:clock|slow|stall)/.test(name)) return NODE_FAULTS_SYNTAX;
  if (name.startsWith('service')) return SERVICE_FAULTS_SYNTAX;
  return name.startsWith('new') ? LOG_FAULTS_SYNTAX : FAULTS_SYNTAX;
}

/** The text that gives the same plan again: only the settings that are not healthy. */
export function formatFaults(plan: FaultPlan): string {
  const parts = TERMS.flatMap(({ name, write }) => {
    const text = write(plan);
    return text === undefined ? [] : [`${name}=${text}`];
  });
  return parts.join(',') || 'none';
}

/** The names of the settings that are not healthy. */
export function listFaults(plan: FaultPlan): string[] {
  return TERMS.filter(({ write }) => write(plan) !== undefined).map(({ name }) => name);
}

/** The plan without one of its faults. */
export function withoutFault(plan: FaultPlan, name: string): FaultPlan {
  const others = formatFaults(plan)
    .split(',')
    .filter((part) => !part.startsWith(`${name}=`));
  return parseFaults(others.join(',') || 'none');
}

function readDelay(text: string): Pick<Times, 'minDelayMs' | 'maxDelayMs'> {
  const [least = '', most, ...rest] = text.split('..');
  const refuse = (): Error =>
    new Error(`'${text}' is no delay: two milliseconds, the shorter one first, such as 1..40`);
  if (most === undefined || rest.length > 0) throw refuse();
  const [minDelayMs, maxDelayMs] = [readMs(least), readMs(most)];
  if (minDelayMs > maxDelayMs) throw refuse();
  return { minDelayMs, maxDelayMs };
}

function writeDelay({ minDelayMs, maxDelayMs }: Times, usual: Times): string | undefined {
  const isUsual = minDelayMs === usual.minDelayMs && maxDelayMs === usual.maxDelayMs;
  return isUsual ? undefined : `${minDelayMs}..${maxDelayMs}`;
}

function readTail(text: string, name: string): Pick<Times, 'tail' | 'tailDelayMs'> {
  const [tail, tailDelayMs] = readShareOf(text, name, readMs);
  return { tail, tailDelayMs };
}

function writeTail({ tail, tailDelayMs }: Times): string | undefined {
  return writeShareOf(tail, tailDelayMs);
}

/** A share, and how much of it there is at most. */
function readShareOf(
  text: string,
  name: string,
  read: (text: string) => number,
): [share: number, most: number] {
  const [share = '', most, ...rest] = text.split(':');
  if (most !== undefined && rest.length === 0) return [readShare(share), read(most)];
  const what = name === 'clock-drift' ? 'drift' : 'time';
  const setting = exampleFor(name)
    .split(',')
    .find((part) => part.startsWith(`${name}=`));
  throw new Error(`'${text}' is not a share and a ${what}, as in ${setting}`);
}

function writeShareOf(share: number, most: number): string | undefined {
  return share > 0 ? `${share}:${most}` : undefined;
}

/** PCT's depth; 0 for delays that are random for each message. Throws an Error otherwise. */
export function readSchedule(text: string): number {
  if (text === 'uniform') return 0;
  const [, depth = '3'] = /^pct(?::([1-9]))?$/.exec(text) ?? [text, ''];
  if (depth === '') throw new Error(`'${text}' is no schedule: uniform, pct, or pct:2 (1 to 9)`);
  return Number(depth);
}

export function formatSchedule(depth: number): string {
  return depth === 0 ? 'uniform' : `pct:${depth}`;
}
