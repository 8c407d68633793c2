// Asks one connected server after the other until one answers: the loop around attempts.ts.
import type { Env } from '../kernel/env.ts';
import { CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import { type AttemptPolicy, Attempts, type Failure } from './attempts.ts';
import { pause } from './background.ts';
import type { Choice, ServerChoice } from './serverChoice.ts';

/** A server's answer, or what may be said of the request without one. */
export type Asked<T> = { readonly server: NodeId; readonly result: T } | Failure;

/** `call` is told which attempt it is, from 1. What it throws beside CallErrors is a bug. */
export async function askServers<T>(
  env: Pick<Env, 'now' | 'after'>,
  policy: AttemptPolicy,
  choose: (tried: ReadonlySet<NodeId>) => Choice | undefined,
  call: (server: NodeId, attempt: number) => Promise<T>,
): Promise<Asked<T>> {
  const attempts = new Attempts(policy, env.now());
  for (;;) {
    const next = attempts.next(env.now(), choose);
    if (next.kind === 'over') return next.failure;
    if (next.kind === 'wait') {
      await pause(env, next.ms);
      continue;
    }
    const { server } = next.choice;
    try {
      return { server, result: await call(server, attempts.count) };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      attempts.failed(error);
    }
  }
}

/**
 * One of the connected servers that were not tried, by a seeded choice that the trace records; no
 * other than `only` where that is given.
 */
export function chooseServer(
  env: Pick<Env, 'random' | 'note'>,
  servers: ServerChoice,
  tried: ReadonlySet<NodeId>,
  only?: NodeId,
): Choice | undefined {
  const choice = servers.choose(tried, () => env.random(), only);
  if (choice !== undefined && choice.of.length > 1) {
    env.note('choose', { server: choice.server, of: [...choice.of] });
  }
  return choice;
}
