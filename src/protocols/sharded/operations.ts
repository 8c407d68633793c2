// The operations, and what each does to the value of its key. Every server of a group computes the
// same from the same order of operations. Pure.
import type { Version } from '../../clocks/version.ts';
import type { Life } from '../../kernel/ids.ts';
import { isValueTooLarge } from '../../kernel/limits.ts';

export const KINDS = [
  ...(['put', 'delete', 'appendLeft', 'appendRight', 'popLeft', 'popRight'] as const),
  'cas',
] as const;
export type Kind = (typeof KINDS)[number];

/** A request of a session that changes a key. Its copies have the same number, and apply once. */
export interface Request {
  readonly kind: Kind;
  readonly key: string;
  /** What to put, append or set; null for the others. */
  readonly value: string | null;
  /** Only of a compare-and-set: the value that the key must have. */
  readonly expected?: string;
  readonly session: Life;
  /** Counts the session's requests from 1. */
  readonly seq: number;
  /** The session asks for none up to this one any more. */
  readonly ended: number;
}

/** The character that a pop has removed, else null; no version if nothing was written. */
export interface Reply {
  readonly outcome: Effect['outcome'];
  readonly value: string | null;
  readonly version: Version | null;
  /**
   * What a compare-and-set that did not write has found. Tables of replies do not keep it, so a
   * copy of a request does not get it. Null for an absent key, whose deletion may be forgotten.
   */
  readonly found?: { readonly value: string; readonly version: Version } | null;
}

export interface Effect {
  /** `unequal`: a compare-and-set has found another value, or none. */
  readonly outcome: 'done' | 'absent' | 'tooLarge' | 'unequal';
  /** The value afterwards; null for an absent key. */
  readonly value: string | null;
  /** The character that a pop has removed, else null. */
  readonly popped: string | null;
}

/** `held` is the value of the key; null if it is absent. */
export function effectOf(
  { kind, value, expected }: Pick<Request, 'kind' | 'value' | 'expected'>,
  held: string | null,
): Effect {
  switch (kind) {
    case 'put':
      return { outcome: 'done', value, popped: null };
    case 'delete':
      return { outcome: 'done', value: null, popped: null };
    case 'appendLeft':
      return appended(held, `${value ?? ''}${held ?? ''}`);
    case 'appendRight':
      return appended(held, `${held ?? ''}${value ?? ''}`);
    case 'popLeft':
      return popped(held, firstOf);
    case 'popRight':
      return popped(held, lastOf);
    case 'cas':
      return held === expected
        ? { outcome: 'done', value, popped: null }
        : { outcome: 'unequal', value: held, popped: null };
  }
}

function appended(held: string | null, value: string): Effect {
  if (isValueTooLarge(value)) return { outcome: 'tooLarge', value: held, popped: null };
  return { outcome: 'done', value, popped: null };
}

/** A pop of an absent key creates nothing; of the empty text it gives the empty text. */
function popped(held: string | null, cut: (text: string) => [string, string]): Effect {
  if (held === null) return { outcome: 'absent', value: null, popped: null };
  const [character, value] = cut(held);
  return { outcome: 'done', value, popped: character };
}

/** The first code point of the text, and the rest. */
function firstOf(text: string): [string, string] {
  const size = (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
  return [text.slice(0, size), text.slice(size)];
}

/** The last code point of the text, and the rest. */
function lastOf(text: string): [string, string] {
  const size = (text.codePointAt(text.length - 2) ?? 0) > 0xffff ? 2 : 1;
  const at = Math.max(0, text.length - size);
  return [text.slice(at), text.slice(0, at)];
}
