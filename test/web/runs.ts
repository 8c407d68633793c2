// Small runs written by hand, and random ones, for the tests of pictures.
import type { Recorded } from '../../src/kernel/history.ts';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { buildModel, type Model } from '../../src/web/picture/model.ts';

type Bare<E> = E extends TraceEvent ? Omit<E, 'at' | 'incarnation' | 'lamport'> : never;
export type Written = Bare<TraceEvent> & {
  readonly at?: number;
  readonly incarnation?: number;
};

/** Events of a trace, a millisecond apart where no time is given. */
export function traceOf(...written: readonly Written[]): TraceEvent[] {
  return written.map((event, index) => ({ at: index, incarnation: 1, lamport: 0, ...event }));
}

export function modelOf(
  events: readonly TraceEvent[],
  history: readonly Recorded[] = [],
  witness: readonly number[] = [],
): Model {
  const verdict = {
    lines: [],
    witness:
      witness.length === 0 ? null : { level: '', sentence: '', operations: witness, lines: [] },
  };
  return buildModel({ events, history, verdict });
}

export function operationOf(fields: Partial<Recorded> & { readonly session: number }): Recorded {
  return {
    ...{ incarnation: 1, seq: 0, kind: 'put', key: 'tea', value: 'green', outcome: 'ok' },
    ...{ invokedAt: 0, returnedAt: 1, server: 0, version: null, applied: null, line: 1 },
    ...fields,
  } as Recorded;
}

/** A number from 0 to 1, the next of a stream that the seed determines. */
export function createChance(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Nodes that send, receive, twice too, lose messages, crash and begin new lives. */
export function randomTrace(seed: number, length: number): TraceEvent[] {
  const chance = createChance(seed);
  const pick = (count: number): number => Math.floor(chance() * count);
  const nodes = 4;
  const lives = Array.from({ length: nodes }, () => 1);
  const sent: { message: string; from: number; to: number }[] = [];
  const written: Written[] = [];
  for (let at = 0; at < length; at += 1) {
    const node = pick(nodes);
    const base = { at: Math.floor(at / 3), node, incarnation: lives[node] as number };
    const message = sent[pick(sent.length)];
    const kind = pick(10);
    if (kind < 4 || message === undefined) {
      const to = (node + 1 + pick(nodes - 1)) % nodes;
      sent.push({ message: `${node}#${at}`, from: node, to });
      written.push({ ...base, event: 'send', to, message: `${node}#${at}`, method: 'push' });
    } else if (kind < 8) {
      const own = { ...base, node: message.to, incarnation: lives[message.to] as number };
      const { from, message: name } = message;
      written.push({ ...own, event: 'receive', from, message: name, method: 'push' });
    } else if (kind === 8) {
      const own = { ...base, node: message.from, incarnation: lives[message.from] as number };
      const rest = { to: message.to, message: message.message, method: 'push', why: 'lost' };
      written.push({ ...own, event: 'drop', ...rest });
    } else {
      written.push({ ...base, event: 'crash' });
      lives[node] = (lives[node] as number) + 1;
      written.push({ ...base, incarnation: lives[node] as number, event: 'start', role: 'server' });
    }
  }
  return traceOf(...written);
}
