// What a script of the assignment does, step by step, with what its topology fixes of each step.
import { EMPTY_VALUE } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';

/** The servers of each part of the network. */
export type Parts = readonly (readonly NodeId[])[];

/** A `put`: one of these servers takes it. With no server it has no effect. */
export interface Put {
  readonly kind: 'put';
  readonly line: number;
  readonly client: NodeId;
  readonly key: string;
  readonly value: string;
  readonly servers: readonly NodeId[];
}

/** A `get`: one of these servers answers. With no server the assignment fixes no answer. */
export interface Get {
  readonly kind: 'get';
  readonly line: number;
  readonly client: NodeId;
  readonly key: string;
  readonly servers: readonly NodeId[];
  /** Whether a server may lack what the client depends on for other keys. */
  readonly mayLackOther: boolean;
}

/** A `printStore`. */
export interface Show {
  readonly kind: 'show';
  readonly line: number;
  readonly server: NodeId;
  /** Keys that the server certainly has. */
  readonly sure: ReadonlySet<string>;
  /** Keys and values that the server can have: these, and no others. */
  readonly possible: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A new life of a server, or its end; a change of the parts; a `stabilize`. */
export type Change =
  | { readonly kind: 'join' | 'end'; readonly line: number; readonly server: NodeId }
  | { readonly kind: 'parts' | 'stabilize'; readonly line: number; readonly parts: Parts };

export type Step = Put | Get | Show | Change;

export interface AssignmentScript {
  /** The lines of the file, as they are numbered. */
  readonly lines: readonly string[];
  readonly steps: readonly Step[];
}

/** How a value may be printed. To Causeway `""` is the empty value; the assignment has no such. */
export function textsOf(value: string): readonly string[] {
  return value === EMPTY_VALUE ? [value, ''] : [value];
}
