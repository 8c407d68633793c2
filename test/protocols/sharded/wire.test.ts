import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { copyJson, type Json } from '../../../src/kernel/json.ts';
import type { Entry, Held, Piece } from '../../../src/protocols/sharded/entry.ts';
import { KINDS, type Reply } from '../../../src/protocols/sharded/operations.ts';
import { RequestTable } from '../../../src/protocols/sharded/requestTable.ts';
import {
  entriesSchema,
  packEntry,
  packPiece,
  piecesOf,
  piecesSchema,
  sizeOf,
  sizeOfPiece,
  unpackEntry,
  unpackPiece,
} from '../../../src/protocols/sharded/wire.ts';
import { at, piece, put, request } from './builders.ts';

const count = fc.nat({ max: 2 ** 40 });
const life = fc.record({
  id: fc.nat({ max: 999_999 }),
  incarnation: fc.integer({ min: 1, max: 1_000 }),
});
const text = fc.string({ unit: 'binary', maxLength: 12 });
const version = fc.record({ timestamp: count, origin: life });
const held: fc.Arbitrary<Held> = fc.record({ value: text, version });
const reply: fc.Arbitrary<Reply> = fc.record({
  outcome: fc.constantFrom('done', 'absent', 'tooLarge', 'unequal'),
  value: fc.option(text),
  version: fc.option(version),
});
const anyPiece: fc.Arbitrary<Piece> = fc.record({
  slot: count,
  isFirst: fc.boolean(),
  latest: count,
  values: fc.array(fc.tuple(text, held), { maxLength: 3 }),
  sessions: fc.array(
    fc.record({
      session: life,
      ended: count,
      replies: fc.array(fc.tuple(count, reply), { maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
});
const asked = { key: text, session: life, seq: count, ended: count };
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({
    kind: fc.constant('request' as const),
    epoch: count,
    slot: count,
    request: fc.oneof(
      fc.record({
        ...{ ...asked, kind: fc.constantFrom(...KINDS.filter((kind) => kind !== 'cas')) },
        value: fc.option(text),
      }),
      fc.record({ ...asked, kind: fc.constant('cas' as const), value: text, expected: text }),
    ),
    version,
  }),
  fc.record({
    kind: fc.constant('install' as const),
    epoch: count,
    move: count,
    from: count,
    isLast: fc.boolean(),
    pieces: fc.array(anyPiece, { maxLength: 3 }),
  }),
  fc.record({
    kind: fc.constant('drop' as const),
    epoch: count,
    slots: fc.array(count, { maxLength: 4 }),
  }),
);

function isEntries(input: unknown): boolean {
  return v.safeParse(entriesSchema, input).success;
}

describe('an entry', () => {
  it('comes through a message as it was', () => {
    fc.assert(
      fc.property(entry, (one) => {
        const sent = copyJson(packEntry(one) as unknown as Json);
        const [received] = v.parse(entriesSchema, [sent]);
        expect(received && unpackEntry(received)).toEqual(one);
      }),
    );
  });

  it('is refused with a field too many, too few, or of another type', () => {
    fc.assert(
      fc.property(entry, fc.nat(), (one, drawn) => {
        const packed = copyJson(packEntry(one) as unknown as Json) as Json[];
        expect(isEntries([[...packed, 0]])).toBe(false);
        expect(isEntries([packed.slice(0, -1)])).toBe(false);
        const place = drawn % packed.length;
        const wrong = packed.map((field, at) => (at === place ? { field } : field));
        expect(isEntries([wrong])).toBe(false);
      }),
    );
  });

  it.each([
    ['no list', { 0: 'd' }],
    ['an unknown kind', [['x', 1, []]]],
    ['a negative epoch', [['d', -1, []]]],
    ['a slot that is no number', [['d', 1, ['0']]]],
    [
      'an operation that there is not',
      [['r', 1, 0, KINDS.length, 'k', 'v', 100, 1, 1, 0, 1, 0, 1]],
    ],
    ['a session that is no life', [['r', 1, 0, 0, 'k', 'v', 100, -1, 1, 0, 1, 0, 1]]],
    ['nothing to compare with', [['r', 1, 0, 6, 'k', 'v', 100, 1, 1, 0, 1, 0, 1]]],
    ['a comparison of a put', [['r', 1, 0, 0, 'k', 'v', 100, 1, 1, 0, 1, 0, 1, 'old']]],
    ['a value that is no text', [['r', 1, 0, 0, 'k', 7, 100, 1, 1, 0, 1, 0, 1]]],
    [
      'an outcome that there is not',
      [['i', 1, 2, 3, true, [[0, true, 0, [], [[9, 1, 0, [[1, 4, null]]]]]]]],
    ],
    ['half a version', [['i', 1, 2, 3, true, [[0, true, 0, [], [[9, 1, 0, [[1, 0, null, 5]]]]]]]]],
    ['a value without its version', [['i', 1, 2, 3, true, [[0, true, 0, [['k', 'v']], []]]]]],
  ])('is refused with %s', (_, input) => {
    expect(isEntries(input)).toBe(false);
  });

  it('is not larger than it says', () => {
    fc.assert(
      fc.property(entry, (one) => {
        expect(JSON.stringify(packEntry(one)).length).toBeLessThanOrEqual(sizeOf(one) + 128);
      }),
    );
    const large = put(1, 1, '\u0001'.repeat(5_000));
    expect(JSON.stringify(packEntry(large)).length).toBeLessThanOrEqual(sizeOf(large));
  });
});

describe('the data of a slot', () => {
  it('come through messages in pieces, each within its size', () => {
    fc.assert(
      fc.property(anyPiece, (one) => {
        const sent = copyJson(packPiece(one) as unknown as Json);
        const [received] = v.parse(piecesSchema, [sent]);
        expect(received && unpackPiece(received)).toEqual(one);
      }),
    );
  });

  it('are cut into pieces of which the first replaces what was there', () => {
    const values = new Map<string, Held>();
    for (let key = 0; key < 5; key += 1) {
      values.set(`${key}`, { value: 'x'.repeat(100_000), version: at(key + 1) });
    }
    const requests = new RequestTable();
    for (let session = 1; session <= 1_200; session += 1) {
      const one = request(1, 'put', { session });
      requests.remember(one, { outcome: 'done', value: null, version: at(session) });
    }
    const pieces = piecesOf(7, { values, requests, latest: 9 });
    expect(pieces.map(({ slot, isFirst, latest }) => [slot, isFirst, latest])).toEqual(
      pieces.map((_, index) => [7, index === 0, 9]),
    );
    expect(pieces.flatMap((one) => one.values)).toEqual([...values]);
    expect(pieces.flatMap((one) => one.sessions)).toEqual([...requests.sessions()]);
    for (const one of pieces) {
      expect(sizeOfPiece(one)).toBeLessThan(300_000);
      expect(JSON.stringify(packPiece(one)).length).toBeLessThanOrEqual(sizeOfPiece(one));
    }
  });

  it('that has none are one piece, so that the slot is emptied', () => {
    expect(piecesOf(7, undefined)).toEqual([piece(7)]);
  });
});
