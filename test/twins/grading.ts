// Grades a twin of the chain protocol, and gives the messages of each phase.
import type { Protocol } from '../../src/kernel/protocol.ts';
import { tellFaults } from '../../src/master/subcommands/gradeWords.ts';
import { Grading } from '../../src/master/subcommands/grading.ts';
import { createSimWorld } from '../../src/master/worlds.ts';
import { chain } from '../../src/protocols/chain/index.ts';

/** Without what the simulation itself would find: a grading sees answers and looks alone. */
const seen: Protocol = {
  ...chain,
  createInvariants: () => {
    return { changed: () => undefined, stabilizing: () => undefined, stabilized: () => undefined };
  },
};

/** By phase: what is told of it. Phases without a fault are left out. */
export async function gradeTwin(only?: number): Promise<ReadonlyMap<number, readonly string[]>> {
  const createWorld = () => createSimWorld();
  const grading = new Grading({ protocol: seen, settings: [], seed: 1, only, createWorld });
  const told = new Map<number, readonly string[]>();
  for await (const { phase, faults } of grading.results()) {
    if (faults.length > 0) told.set(phase.number, tellFaults(faults));
  }
  return told;
}
