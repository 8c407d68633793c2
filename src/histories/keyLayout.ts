// Where the events of one history name the key of an operation: in a field `key`, as the first item
// of the value `[key value]`, or nowhere, if there is only one register. The first operation
// decides; an event that says otherwise is refused, since it would be read wrongly.
import { Compound, type Datum, itemsOf, printEdn } from './datum.ts';
import type { EventFields } from './eventFields.ts';
import { FormatError } from './format.ts';

/** The key of a history that has only one key and does not name it. */
export const REGISTER = 'register';

type Kind = 'read' | 'write' | 'cas';
type Told = Pick<EventFields, 'key' | 'value'>;

export class KeyLayout {
  #place: 'field' | 'pair' | 'nowhere' | undefined;
  #hasTransactions = false;
  readonly #textOf: (key: Datum, line: number) => string;

  constructor(textOf: (key: Datum, line: number) => string) {
    this.#textOf = textOf;
  }

  /** A transaction names its keys, so no other operation may leave its key out. */
  takeTransaction(line: number): void {
    this.#hasTransactions = true;
    if (this.#place !== 'nowhere') return;
    throw new FormatError(line, 'a transaction names its keys, and other lines name no key');
  }

  /**
   * The key, and the value itself. `asked` is the key of the operation that the event answers;
   * undefined for an event that begins one.
   */
  split(
    kind: Kind,
    told: Told,
    asked: string | undefined,
    line: number,
  ): readonly [key: string, value: Datum | undefined] {
    this.#place ??= placeOf(kind, told);
    const { key, value } = told;
    if (this.#place === 'field') return this.#ofField(kind, told, asked, line);
    if (key !== undefined) {
      throw new FormatError(line, 'it has a field that names the key, and other lines have none');
    }
    if (this.#place === 'pair') return this.#ofPair(kind, value, line);
    if (this.#hasTransactions) {
      throw new FormatError(line, 'it names no key, and the transactions of other lines do');
    }
    const [name, nothing, ...more] = itemsOf(value) ?? [];
    const isKeyed = name !== undefined && nothing === null && more.length === 0;
    if (isKeyed && asked === undefined && kind === 'read') {
      throw new FormatError(line, `a read of ${printEdn(name)}, and other lines name no key`);
    }
    return [REGISTER, value];
  }

  #ofField(
    kind: Kind,
    { key, value }: Told,
    asked: string | undefined,
    line: number,
  ): readonly [string, Datum | undefined] {
    if (key === undefined) {
      if (asked !== undefined) return [asked, value];
      throw new FormatError(line, 'it has no field that names the key, and other lines have one');
    }
    const name = this.#textOf(key, line);
    const [first] =
      placeOf(kind, { value, key: undefined }) === 'pair' ? (itemsOf(value) ?? []) : [];
    if (first !== undefined && printEdn(first) === printEdn(key)) {
      throw new FormatError(line, 'a field names the key, and so does the value');
    }
    return [name, value];
  }

  /** A cas may also be flat: `[key expected new]`. */
  #ofPair(
    kind: Kind,
    value: Datum | undefined,
    line: number,
  ): readonly [string, Datum | undefined] {
    const [key, inner, flat, ...more] = itemsOf(value) ?? [];
    const isFlat = kind === 'cas' && flat !== undefined;
    if (
      key === undefined ||
      inner === undefined ||
      more.length > 0 ||
      (flat !== undefined && !isFlat)
    ) {
      const shown = value === undefined ? 'nothing' : printEdn(value);
      throw new FormatError(line, `${shown} where [key value] stands in other lines`);
    }
    return [this.#textOf(key, line), isFlat ? new Compound('[', [inner, flat]) : inner];
  }
}

function placeOf(kind: Kind, { key, value }: Told): 'field' | 'pair' | 'nowhere' {
  if (key !== undefined) return 'field';
  const items = itemsOf(value) ?? [];
  const isFlat = kind === 'cas' && items.length === 3;
  const isPair = items.length === 2 && (kind !== 'cas' || itemsOf(items[1])?.length === 2);
  return isFlat || isPair ? 'pair' : 'nowhere';
}
