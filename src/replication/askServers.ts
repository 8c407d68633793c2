// Asks the connected servers in turn until one answers: the loop around attempts.ts.
import type { Env } from '../kernel/env.ts';
import { CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import { type AttemptPolicy, Attempts, type Failure } from './attempts.ts';
import { pause } from './background.ts';
import type { Choice, ServerChoice } from './serverChoice.ts';

/** A server's answer, or the outcome of the request without one. */
export type Asked<T> = { readonly server: NodeId; readonly result: T } | Failure;

/**
 * Attempts are counted from 1. `check` sees each answer; it may throw a CallError, and then there
 * was no answer. Any other error is rethrown.
 */
export async function askServers<T>(
  env: Pick<Env, 'now' | 'after'>,
  policy: AttemptPolicy,
  choose: (tried: readonly NodeId[]) => Choice | undefined,
  call: (server: NodeId, attempt: number) => Promise<T>,
  check: (result: T) => void = () => undefined,
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
      const result = await call(server, attempts.count);
      check(result);
      return { server, result };
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      attempts.failed(server, error);
    }
  }
}

/**
 * A random connected server that was not tried (seeded). With `only`, no other server. The trace
 * records a choice between several.
 */
export function chooseServer(
  env: Pick<Env, 'random' | 'note'>,
  servers: ServerChoice,
  tried: readonly NodeId[],
  only?: NodeId,
): Choice | undefined {
  const choice = servers.choose(tried, () => env.random(), only);
  if (choice !== undefined && choice.of.length > 1) {
    env.note('choose', { server: choice.server, of: [...choice.of] });
  }
  return choice;
}
