// Linearizability by its definition: tries every order of the calls of one key. And operations as a
// history has them, one session each.
import { type KeyCall, REGISTER } from '../../src/checkers/register.ts';
import type { TimedCall } from '../../src/checkers/wingGong.ts';
import type { Recorded } from '../../src/kernel/history.ts';
import { type RandomStream, randomBelow } from '../../src/kernel/random.ts';

export interface Happened extends TimedCall<KeyCall> {
  readonly key: string;
}

/** Tries every order; calls without an end may be left out. */
export function canOrder(calls: readonly TimedCall<KeyCall>[]): boolean {
  const place = (left: readonly TimedCall<KeyCall>[], state: string | null): boolean => {
    if (left.every(({ end }) => end === Number.POSITIVE_INFINITY)) return true;
    return left.some((next) => {
      if (left.some((other) => other.end < next.start)) return false;
      const after = REGISTER.apply(state, next.call);
      return (
        after !== undefined &&
        place(
          left.filter((other) => other !== next),
          after,
        )
      );
    });
  };
  return place(calls, REGISTER.initial);
}

/** What may be asked of a key: few texts, so that they repeat. */
export function randomCall(random: RandomStream, kinds: readonly KeyCall['kind'][]): KeyCall {
  const text = (): string => ['a', 'b', 'ab', 'c'][randomBelow(random, 4)] as string;
  const side = random() < 0.5 ? 'left' : 'right';
  const kind = kinds[randomBelow(random, kinds.length)];
  const maybe = random() < 0.2 ? null : text();
  switch (kind) {
    case 'put':
      return { kind, value: text() };
    case 'append':
      return { kind, value: text().slice(0, 1), side };
    case 'pop':
      return { kind, side, result: maybe === null ? null : maybe.slice(0, 1) };
    case 'compareAndSet':
      return { kind, expected: maybe, value: text(), result: random() < 0.5 };
    case 'delete':
      return { kind };
    case 'add':
      return { kind, value: '1', result: undefined };
    default:
      return { kind: 'get', result: maybe };
  }
}

let sessions = 0;

/** The call as an operation of a session of its own. */
export function operationOf({ call, key, start, end }: Happened): Recorded {
  sessions += 1;
  const isPending = end === Number.POSITIVE_INFINITY;
  const told = {
    session: sessions,
    incarnation: 1,
    seq: 0,
    key,
    outcome: isPending ? ('unknown' as const) : ('ok' as const),
    invokedAt: start,
    returnedAt: isPending ? null : end,
    server: null,
    version: null,
    applied: null,
    line: sessions,
  };
  switch (call.kind) {
    case 'put':
      return { ...told, kind: 'put', value: call.value };
    case 'delete':
      return { ...told, kind: 'delete', value: null };
    case 'get':
      return { ...told, kind: 'get', value: call.result, ...(call.result === null && ABSENT) };
    case 'append':
      return { ...told, kind: 'append', value: call.value, side: call.side };
    case 'pop': {
      const isAbsent = call.result === null && !isPending;
      return {
        ...told,
        kind: 'pop',
        value: call.result ?? null,
        side: call.side,
        ...(isAbsent && ABSENT),
      };
    }
    case 'compareAndSet': {
      const { expected, value, result = null } = call;
      return { ...told, kind: 'cas', expected, value, isSet: result };
    }
    case 'add':
    case 'insert':
    case 'remove':
      return { ...told, kind: call.kind, value: call.value };
  }
}

const ABSENT = { outcome: 'absent' } as const;
