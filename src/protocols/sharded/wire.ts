// The form of a log's entries in messages and on the disk: arrays, so that a key is never the name
// of a field.
import * as v from 'valibot';
import type { Version } from '../../clocks/version.ts';
import { isLife } from '../../kernel/control.ts';
import { isCount } from '../../kernel/messages.ts';
import { cutParts, largestSize } from '../../replication/parts.ts';
import type { Entry, Piece } from './entry.ts';
import { KINDS, type Kind, type Reply } from './operations.ts';
import type { Shard } from './shards.ts';

type VersionNumbers = [timestamp: number, server: number, incarnation: number];
type PackedValue = readonly [key: string, value: string | null, ...version: VersionNumbers];
type PackedReply = readonly [
  ...[seq: number, outcome: number, value: string | null],
  ...version: VersionNumbers | [],
];
type PackedSession = readonly [id: number, incarnation: number, ended: number, PackedReply[]];
export type PackedPiece = readonly [
  ...(readonly [slot: number, isFirst: boolean, latest: number]),
  ...(readonly [PackedValue[], PackedSession[]]),
];

export type PackedEntry =
  | readonly [
      ...(readonly ['r', epoch: number, slot: number, kind: number, key: string]),
      ...(readonly [value: string | null, session: number, incarnation: number]),
      ...(readonly [seq: number, ended: number, ...version: VersionNumbers]),
      ...(readonly [] | readonly [expected: string]),
    ]
  | readonly ['i', epoch: number, move: number, from: number, isLast: boolean, PackedPiece[]]
  | readonly ['d', epoch: number, slots: number[]];

const OUTCOMES: readonly Reply['outcome'][] = ['done', 'absent', 'tooLarge', 'unequal'];

export const entriesSchema = v.custom<readonly PackedEntry[]>(
  (x) => Array.isArray(x) && x.every(isPackedEntry),
  'not a list of entries',
);
export const piecesSchema = v.custom<readonly PackedPiece[]>(
  (x) => Array.isArray(x) && x.every(isPackedPiece),
  'not a list of pieces',
);

export function packEntry(entry: Entry): PackedEntry {
  if (entry.kind === 'drop') return ['d', entry.epoch, [...entry.slots]];
  if (entry.kind === 'install') {
    const { epoch, move, from, isLast, pieces } = entry;
    return ['i', epoch, move, from, isLast, pieces.map(packPiece)];
  }
  const { epoch, slot, request, version } = entry;
  const { kind, key, value, expected, session, seq, ended } = request;
  const { timestamp, origin } = version;
  return [
    ...(['r', epoch, slot, KINDS.indexOf(kind), key, value] as const),
    ...([session.id, session.incarnation, seq, ended] as const),
    ...([timestamp, origin.id, origin.incarnation] as const),
    ...(expected === undefined ? ([] as const) : ([expected] as const)),
  ];
}

export function unpackEntry(packed: PackedEntry): Entry {
  if (packed[0] === 'd') return { kind: 'drop', epoch: packed[1], slots: packed[2] };
  if (packed[0] === 'i') {
    const [, epoch, move, from, isLast, pieces] = packed;
    return { kind: 'install', epoch, move, from, isLast, pieces: pieces.map(unpackPiece) };
  }
  const [, epoch, slot, kind, key, value, id, incarnation, seq, ended, ...rest] = packed;
  const [timestamp, server, life, expected] = rest;
  const request = {
    ...{ kind: KINDS[kind] as Kind, key, value, session: { id, incarnation }, seq, ended },
    ...(expected !== undefined && { expected }),
  };
  const version = toVersion([timestamp, server, life]);
  return { kind: 'request', epoch, slot, request, version };
}

export function packPiece({ slot, isFirst, latest, values, sessions }: Piece): PackedPiece {
  return [
    slot,
    isFirst,
    latest,
    values.map(([key, { value, version }]): PackedValue => {
      const { timestamp, origin } = version;
      return [key, value, timestamp, origin.id, origin.incarnation];
    }),
    sessions.map(({ session, ended, replies }): PackedSession => {
      const packed = replies.map(([seq, { outcome, value, version }]): PackedReply => {
        return [seq, OUTCOMES.indexOf(outcome), value, ...numbersOf(version)];
      });
      return [session.id, session.incarnation, ended, packed];
    }),
  ];
}

export function unpackPiece([slot, isFirst, latest, values, sessions]: PackedPiece): Piece {
  return {
    slot,
    isFirst,
    latest,
    values: values.map(([key, value, ...version]) => [key, { value, version: toVersion(version) }]),
    sessions: sessions.map(([id, incarnation, ended, replies]) => ({
      session: { id, incarnation },
      ended,
      replies: replies.map(([seq, outcome, value, ...numbers]) => {
        const version = numbers.length === 0 ? null : toVersion(numbers);
        return [seq, { outcome: OUTCOMES[outcome] as Reply['outcome'], value, version }];
      }),
    })),
  };
}

function numbersOf(version: Version | null): VersionNumbers | [] {
  if (version === null) return [];
  return [version.timestamp, version.origin.id, version.origin.incarnation];
}

function toVersion([timestamp, id, incarnation]: VersionNumbers): Version {
  return { timestamp, origin: { id, incarnation } };
}

/** Upper bound for the numbers, quotes and commas of one packed entry or value. */
const REST_BYTES = 128;
/** Sessions in one piece; each has few replies that it has not confirmed. */
const SESSIONS_IN_A_PIECE = 500;

/** Upper bound for the bytes of one entry in a message. */
export function sizeOf(entry: Entry): number {
  if (entry.kind === 'drop') return REST_BYTES + 5 * entry.slots.length;
  if (entry.kind === 'install') return entry.pieces.reduce((sum, one) => sum + sizeOfPiece(one), 0);
  const { key, value, expected = null } = entry.request;
  return largestSize(key, value, expected === null ? REST_BYTES : sizeOfValue('', expected));
}

export function sizeOfPiece({ values, sessions }: Piece): number {
  const ofValues = values.reduce((sum, [key, { value }]) => sum + sizeOfValue(key, value), 0);
  const replies = sessions.reduce((sum, one) => sum + one.replies.length, 0);
  return REST_BYTES + ofValues + 64 * (sessions.length + replies);
}

function sizeOfValue(key: string, value: string | null): number {
  return largestSize(key, value, REST_BYTES);
}

/** The data of a slot in pieces that each fit a message; at least one, which may be empty. */
export function piecesOf(slot: number, shard: Shard | undefined): Piece[] {
  const sessions = [...(shard?.requests.sessions() ?? [])];
  const values = [...(shard?.values ?? [])];
  const parts = cutParts(values, ([key, { value }]) => sizeOfValue(key, value));
  const head = { slot, latest: shard?.latest ?? 0 };
  const pieces: Omit<Piece, 'isFirst'>[] = parts.map((part) => {
    return { ...head, values: part, sessions: [] };
  });
  for (let at = 0; at < sessions.length; at += SESSIONS_IN_A_PIECE) {
    const some = sessions.slice(at, at + SESSIONS_IN_A_PIECE);
    pieces.push({ ...head, values: [], sessions: some });
  }
  if (pieces.length === 0) pieces.push({ ...head, values: [], sessions: [] });
  return pieces.map((piece, index) => ({ ...piece, isFirst: index === 0 }));
}

function isPackedEntry(x: unknown): boolean {
  if (!Array.isArray(x) || !isCount(x[1])) return false;
  if (x[0] === 'd') return x.length === 3 && Array.isArray(x[2]) && x[2].every(isCount);
  if (x[0] === 'i') {
    const isHead = x.length === 6 && isCount(x[2]) && isCount(x[3]) && typeof x[4] === 'boolean';
    return isHead && Array.isArray(x[5]) && x[5].every(isPackedPiece);
  }
  const isCas = x[3] === KINDS.indexOf('cas');
  if (isCas && (typeof x[5] !== 'string' || typeof x[13] !== 'string')) return false;
  if (x[0] !== 'r' || x.length !== (isCas ? 14 : 13) || !isCount(x[2])) return false;
  if (!isBelow(x[3], KINDS.length) || typeof x[4] !== 'string' || !isText(x[5])) return false;
  return (
    isLife(x[6], x[7]) && isCount(x[8]) && isCount(x[9]) && isCount(x[10]) && isLife(x[11], x[12])
  );
}

function isPackedPiece(x: unknown): boolean {
  if (!Array.isArray(x) || x.length !== 5) return false;
  const [slot, isFirst, latest, values, sessions] = x;
  if (!isCount(slot) || typeof isFirst !== 'boolean' || !isCount(latest)) return false;
  if (!Array.isArray(values) || !Array.isArray(sessions)) return false;
  return values.every(isPackedValue) && sessions.every(isPackedSession);
}

function isPackedValue(x: unknown): boolean {
  if (!Array.isArray(x) || x.length !== 5) return false;
  return typeof x[0] === 'string' && isText(x[1]) && isCount(x[2]) && isLife(x[3], x[4]);
}

function isPackedSession(x: unknown): boolean {
  if (!Array.isArray(x) || x.length !== 4 || !isLife(x[0], x[1]) || !isCount(x[2])) return false;
  return Array.isArray(x[3]) && x[3].every(isPackedReply);
}

function isPackedReply(x: unknown): boolean {
  if (!Array.isArray(x) || !isCount(x[0]) || !isBelow(x[1], OUTCOMES.length)) return false;
  if (!isText(x[2])) return false;
  return x.length === 3 || (x.length === 6 && isCount(x[3]) && isLife(x[4], x[5]));
}

function isBelow(x: unknown, most: number): boolean {
  return isCount(x) && x < most;
}

function isText(x: unknown): boolean {
  return typeof x === 'string' || x === null;
}
