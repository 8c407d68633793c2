// Fault plans: what the network does to messages, and what a nemesis does to nodes and links.
import { type FaultPlan, NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { type DiskPlan, USUAL_DISK } from '../../src/sim/simDisk.ts';

export const ACTIONS = ['partition', 'cut', 'oneway', 'crash', 'pause', 'stabilize'] as const;
/** Faults only for servers with logs: all acknowledged writes must come back there. */
export const LOG_ACTIONS = ['blackout', 'absence', 'full disk', 'failing disk'] as const;

export type Action = (typeof ACTIONS)[number] | (typeof LOG_ACTIONS)[number];

export interface Plan {
  readonly name: string;
  readonly network: FaultPlan;
  readonly actions: readonly Action[];
  readonly disks?: DiskPlan;
}

const calm = NO_FAULTS;
const harsh: FaultPlan = {
  ...NO_FAULTS,
  loss: 0.2,
  duplication: 0.2,
  minDelayMs: 1,
  maxDelayMs: 40,
  tail: 0.05,
  tailDelayMs: 1500,
};

export const PLANS: readonly Plan[] = [
  { name: 'calm', network: calm, actions: ['stabilize'] },
  { name: 'loss', network: { ...calm, loss: 0.3 }, actions: ['stabilize'] },
  { name: 'delay', network: { ...calm, tail: 0.2, tailDelayMs: 3000 }, actions: ['stabilize'] },
  { name: 'duplication', network: { ...calm, duplication: 0.5, maxDelayMs: 200 }, actions: [] },
  { name: 'reordering', network: { ...calm, maxDelayMs: 300 }, actions: ['stabilize'] },
  { name: 'partitions', network: calm, actions: ['partition', 'cut', 'stabilize'] },
  { name: 'one-way cuts', network: calm, actions: ['oneway', 'cut', 'stabilize'] },
  { name: 'crashes', network: calm, actions: ['crash', 'stabilize'] },
  { name: 'pauses', network: calm, actions: ['pause', 'stabilize'] },
  { name: 'everything', network: harsh, actions: ACTIONS },
];

const slow: DiskPlan = {
  ...USUAL_DISK,
  minDelayMs: 1,
  maxDelayMs: 20,
  tail: 0.05,
  tailDelayMs: 600,
};

/** For servers with logs. */
export const LOG_PLANS: readonly Plan[] = [
  { name: 'slow disks', network: calm, actions: ['stabilize', 'pause', 'cut'], disks: slow },
  { name: 'crashes', network: calm, actions: ['crash', 'stabilize'] },
  { name: 'whole-cluster crashes', network: calm, actions: ['blackout', 'stabilize'], disks: slow },
  { name: 'long absences', network: calm, actions: ['absence'] },
  { name: 'full disks', network: calm, actions: ['full disk', 'crash', 'stabilize'] },
  { name: 'failing disks', network: calm, actions: ['failing disk', 'stabilize'], disks: slow },
  { name: 'everything', network: harsh, actions: [...ACTIONS, ...LOG_ACTIONS], disks: slow },
];
