// Fault plans: what the network does to messages, and what a nemesis does to nodes and links.
import { type FaultPlan, NO_FAULTS } from '../../src/sim/network.ts';

export const DEEDS = ['partition', 'cut', 'oneway', 'crash', 'pause', 'stabilize'] as const;

export type Deed = (typeof DEEDS)[number];

export interface Plan {
  readonly name: string;
  readonly network: FaultPlan;
  readonly deeds: readonly Deed[];
}

const calm = NO_FAULTS;
const harsh: FaultPlan = {
  loss: 0.2,
  duplication: 0.2,
  minDelayMs: 1,
  maxDelayMs: 40,
  tail: 0.05,
  tailDelayMs: 1500,
};

export const PLANS: readonly Plan[] = [
  { name: 'calm', network: calm, deeds: ['stabilize'] },
  { name: 'loss', network: { ...calm, loss: 0.3 }, deeds: ['stabilize'] },
  { name: 'delay', network: { ...calm, tail: 0.2, tailDelayMs: 3000 }, deeds: ['stabilize'] },
  { name: 'duplication', network: { ...calm, duplication: 0.5, maxDelayMs: 200 }, deeds: [] },
  { name: 'reordering', network: { ...calm, maxDelayMs: 300 }, deeds: ['stabilize'] },
  { name: 'partitions', network: calm, deeds: ['partition', 'cut', 'stabilize'] },
  { name: 'one-way cuts', network: calm, deeds: ['oneway', 'cut', 'stabilize'] },
  { name: 'crashes', network: calm, deeds: ['crash', 'stabilize'] },
  { name: 'pauses', network: calm, deeds: ['pause', 'stabilize'] },
  { name: 'everything', network: harsh, deeds: DEEDS },
];
