// The message table: a run-time value that validates the messages. TypeScript derives the types of
// every call from it, and the documentation is printed from it.
import * as v from 'valibot';
import { type Acceptance, acceptanceOf } from './acceptance.ts';
import { CallError, UnfitMessage } from './errors.ts';
import type { Role } from './ids.ts';
import { isKeyTooLarge, isValueTooLarge } from './limits.ts';

export type Schema = v.GenericSchema<unknown, unknown>;

/** A sender of messages; the service is a protocol's configuration service, if it has one. */
export type Speaker = Role | 'master' | 'service';

/** One method: its sender, its receiver, its parameters, its result. */
export interface MessageSpec {
  readonly from: Speaker;
  readonly to: Role | 'service';
  /** One sentence for the documentation. */
  readonly about: string;
  /** No script can cause it: it takes a failing disk. */
  readonly isBeyondScripts?: true;
  readonly params: Schema;
  readonly result: Schema;
}

export type MessageTable = { readonly [method: string]: MessageSpec };

export type ParamsOf<M extends MessageTable, K extends keyof M> = v.InferOutput<M[K]['params']>;
export type ResultOf<M extends MessageTable, K extends keyof M> = v.InferOutput<M[K]['result']>;

/** The methods of a table that one role receives. */
export type MethodTo<M extends MessageTable, R extends Role | 'service'> = {
  [K in keyof M]: M[K]['to'] extends R ? K : never;
}[keyof M] &
  string;

/** The methods of a table that one speaker sends. */
export type MethodFrom<M extends MessageTable, S extends Speaker> = {
  [K in keyof M]: M[K]['from'] extends S ? K : never;
}[keyof M] &
  string;

/** Gives a table its narrow type. */
export function defineMessages<const M extends MessageTable>(table: M): M {
  return table;
}

/** A client's message to a server: the fields of its parameters and of its result. */
export function fromClient<P extends v.ObjectEntries, R extends v.ObjectEntries>(
  about: string,
  params: P,
  result: R,
) {
  return { from: 'client', ...toServer(about, params, result) } as const;
}

/** A server's message to a server, as `fromClient`. */
export function fromServer<P extends v.ObjectEntries, R extends v.ObjectEntries>(
  about: string,
  params: P,
  result: R,
) {
  return { from: 'server', ...toServer(about, params, result) } as const;
}

function toServer<P extends v.ObjectEntries, R extends v.ObjectEntries>(
  about: string,
  params: P,
  result: R,
) {
  const schemas = { params: v.strictObject(params), result: v.strictObject(result) };
  return { to: 'server', about, ...schemas } as const;
}

/**
 * The parameters as parsed by the method's schema. Throws CallError E_TOO_LARGE for a key or value
 * over its limit, UnfitMessage for anything else that the schema rejects.
 */
export function checkParams(spec: MessageSpec, params: unknown): unknown {
  if (Array.isArray(params)) throw new UnfitMessage('E_BAD_REQUEST', 'params: go by name');
  if (acceptanceFor(spec.params)(params)) return params;
  const parsed = v.safeParse(spec.params, params, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const why = explain(issue, 'params');
  if (issue.message === TOO_LARGE) throw new CallError('E_TOO_LARGE', why);
  throw new UnfitMessage('E_BAD_REQUEST', why);
}

/**
 * The result of a call, as parsed by its method's schema. Throws UnfitMessage ERR_UNREACHABLE for
 * an answer that the table does not allow: the caller treats it as no answer.
 */
export function checkResult(table: MessageTable, method: string, result: unknown): unknown {
  const spec = table[method];
  if (spec === undefined) throw new CallError('E_NO_METHOD', method);
  if (acceptanceFor(spec.result)(result)) return result;
  const parsed = v.safeParse(spec.result, result, { abortEarly: true });
  if (parsed.success) return parsed.output;
  throw new UnfitMessage('ERR_UNREACHABLE', `${UNUSABLE}${explain(parsed.issues[0], 'result')}`);
}

const UNUSABLE = 'an unusable answer: ';

/** Where a message does not fit, and why. */
function explain(issue: v.BaseIssue<unknown>, whole: string): string {
  return `${v.getDotPath(issue) ?? whole}: ${issue.message}`;
}

/** Built on first use, so that a node starts faster. */
const acceptanceBySchema = new WeakMap<Schema, Acceptance>();

function acceptanceFor(schema: Schema): Acceptance {
  let accepts = acceptanceBySchema.get(schema);
  if (accepts === undefined) {
    accepts = acceptanceOf(schema);
    acceptanceBySchema.set(schema, accepts);
  }
  return accepts;
}

const TOO_LARGE = 'over its limit';

/** A key or a value that is to be stored: what is accepted must be able to travel. */
export const keySchema = v.pipe(
  v.string(),
  v.check((key) => !isKeyTooLarge(key), TOO_LARGE),
);
export const valueSchema = v.pipe(
  v.string(),
  v.check((value) => !isValueTooLarge(value), TOO_LARGE),
);

/** A whole number that survives JSON unchanged: 0 to 2^53 - 1. */
export function isCount(x: unknown): x is number {
  return Number.isSafeInteger(x) && (x as number) >= 0;
}

export const countSchema = v.custom<number>(isCount, 'not a whole number from 0 to 2^53 - 1');

/** The longest time that a timer can wait. */
const MAX_MS = 2 ** 31 - 1;

/** A waiting time; fractions are allowed, infinity is not. */
export const millisecondsSchema = v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_MS));
