// The message table: a run-time value that validates the wire, from which TypeScript reads the types
// of every call, and from which the documentation is printed.
import * as v from 'valibot';
import { CallError } from './errors.ts';
import type { Role } from './ids.ts';

export type Schema = v.GenericSchema<unknown, unknown>;

/** One method: who sends it to whom, what it takes, what it returns. */
export interface MessageSpec {
  readonly from: Role | 'master';
  readonly to: Role;
  /** One sentence for the documentation. */
  readonly about: string;
  readonly params: Schema;
  readonly result: Schema;
}

export type MessageTable = { readonly [method: string]: MessageSpec };

export type ParamsOf<M extends MessageTable, K extends keyof M> = v.InferOutput<M[K]['params']>;
export type ResultOf<M extends MessageTable, K extends keyof M> = v.InferOutput<M[K]['result']>;

/** The methods of a table that are addressed to one role. */
export type MethodTo<M extends MessageTable, R extends Role> = {
  [K in keyof M]: M[K]['to'] extends R ? K : never;
}[keyof M] &
  string;

/** Gives a table its narrow type. */
export function defineMessages<const M extends MessageTable>(table: M): M {
  return table;
}

/** The parameters as the method's schema reads them. Throws CallError E_BAD_REQUEST. */
export function checkParams(spec: MessageSpec, params: unknown): unknown {
  const parsed = v.safeParse(spec.params, params, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new CallError('E_BAD_REQUEST', `${v.getDotPath(issue) ?? 'params'}: ${issue.message}`);
}

/** A whole number that survives the wire: 0 to 2^53 - 1. */
export function isCount(x: unknown): x is number {
  return Number.isSafeInteger(x) && (x as number) >= 0;
}

export const countSchema = v.custom<number>(isCount, 'not a whole number from 0 to 2^53 - 1');
