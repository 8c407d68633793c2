// The entries of a group's log.
import type { Version } from '../../clocks/version.ts';
import type { Request } from './operations.ts';
import type { GroupId } from './placement.ts';
import type { SessionReplies } from './requestTable.ts';

/** The value of a key. */
export interface Held {
  readonly value: string;
  readonly version: Version;
}

/** As `Held`, or null for a key that is gone. */
export interface Kept extends Omit<Held, 'value'> {
  readonly value: string | null;
}

/** A part of the data of one slot. */
export interface Piece {
  readonly slot: number;
  /** The first piece replaces what the group has of the slot. */
  readonly isFirst: boolean;
  /** No write of the slot had a greater timestamp, also of keys that are gone. */
  readonly latest: number;
  readonly values: readonly (readonly [key: string, kept: Kept])[];
  readonly sessions: readonly SessionReplies[];
}

export interface RequestEntry {
  readonly kind: 'request';
  /** The epoch of the group in which the entry was made. */
  readonly epoch: number;
  readonly slot: number;
  readonly request: Request;
  readonly version: Version;
}

/** Data of slots that another group gives away. `isLast`: it has given all of this move. */
export interface InstallEntry {
  readonly kind: 'install';
  readonly epoch: number;
  readonly move: number;
  readonly from: GroupId;
  readonly isLast: boolean;
  readonly pieces: readonly Piece[];
}

/** The group does not own these slots any more. */
export interface DropEntry {
  readonly kind: 'drop';
  readonly epoch: number;
  readonly slots: readonly number[];
}

export type Entry = RequestEntry | InstallEntry | DropEntry;
