// How many random scripts a core tries in a second, and how many simulated events that is, against
// the same scripts run and not judged: without trace, invariants, ending and verdicts.

import { drawTestCase } from '../src/fuzz/draw.ts';
import { createScriptLanguage } from '../src/fuzz/scriptSession.ts';
import { runBatch } from '../src/fuzz/search.ts';
import { PROTOCOLS } from '../src/protocols/registry.ts';
import { createSimCluster, type SimCluster } from '../src/sim/world.ts';
import { interleave, ratePerCore, showTable } from './measure.ts';

const ROUNDS = 7;
const SEEDS = 150;

const language = createScriptLanguage(PROTOCOLS);

/** Gives how many events ran. */
async function runUnjudged(protocol: (typeof PROTOCOLS)[number], seed: number): Promise<number> {
  const { lines, faults } = drawTestCase(protocol, seed);
  let cluster: SimCluster | undefined;
  const session = language.open({
    ...{ protocol, seed, onInitialWrite: () => undefined, onOperation: () => undefined },
    ...{ onAnswer: () => undefined, onDiagnostic: () => undefined },
    createCluster: (chosen, options) => {
      const world = { protocol: chosen, options, seed, faults, checkInvariants: false };
      cluster = createSimCluster(world);
      return cluster;
    },
  });
  for (const line of lines) await session.do(line);
  await session.quiesce();
  const events = cluster?.events ?? 0;
  await session.stop();
  return events;
}

for (const protocol of PROTOCOLS) {
  let from = 1;
  const judgedEvents: number[] = [];
  const plainEvents: number[] = [];
  const { judged, plain } = await interleave(ROUNDS, {
    judged: () =>
      ratePerCore(SEEDS, async () => {
        judgedEvents.push((await runBatch(language, protocol, { from, to: from + SEEDS })).events);
      }),
    plain: () =>
      ratePerCore(SEEDS, async () => {
        let events = 0;
        for (let seed = from; seed < from + SEEDS; seed += 1) {
          events += await runUnjudged(protocol, seed);
        }
        plainEvents.push(events);
        from += SEEDS;
      }),
  });
  // The first round is not among the rates.
  const eventsOf = (rates: readonly number[], events: readonly number[]): number[] =>
    rates.map((rate, round) => (rate * (events[round + 1] ?? Number.NaN)) / SEEDS);
  showTable('not judged', [
    { what: `${protocol.name}: scripts`, measured: judged, floor: plain, unit: '/s' },
    {
      what: `${protocol.name}: events`,
      measured: eventsOf(judged, judgedEvents),
      floor: eventsOf(plain, plainEvents),
      unit: '/s',
    },
  ]);
}
