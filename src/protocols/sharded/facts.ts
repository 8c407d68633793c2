// What servers report to the invariants: events that their state does not keep.
import type { Configuration } from './configuration.ts';
import type { Entry, Held } from './entry.ts';
import type { Reply, Request } from './operations.ts';
import type { Position } from './position.ts';

/** A primary has made an entry of a request, by that configuration. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly configuration: Configuration;
  readonly request: Request;
}

/** A server has applied an entry of its group's log; its reply if it was a request. */
export interface EntryApplied {
  readonly kind: 'applied';
  readonly configuration: Configuration;
  readonly position: Position;
  readonly index: number;
  readonly entry: Entry;
  readonly reply: Reply | undefined;
}

/** A primary acknowledges a request that it has applied, or that is applied already. */
export interface Acknowledged {
  readonly kind: 'acknowledged';
  readonly position: Position;
  readonly configuration: Configuration | undefined;
  readonly request: Request;
  readonly reply: Reply;
}

/** A client's read has come. */
export interface ReadBegun {
  readonly kind: 'read begun';
  readonly key: string;
}

/** The answer to that read: by this configuration, from its own data or from the primary's. */
export interface ReadAnswered {
  readonly kind: 'read';
  readonly begun: ReadBegun;
  readonly configuration: Configuration;
  readonly held: Held | undefined;
}

export type Fact = Accepted | EntryApplied | Acknowledged | ReadBegun | ReadAnswered;
