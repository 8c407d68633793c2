// Converts values to texts and back without loss or confusion. A string is its own text, unless
// that is also the text of another value: then the text is the quoted string.
import { Compound, type Datum, entriesOf, findOpaque, printEdn, Token } from './datum.ts';
import { readEdn } from './edn.ts';
import { jsonNumber } from './numbers.ts';

const WHOLE = /^(?:0|-?[1-9][0-9]{0,14})$/;
const MAY_BE_EDN = /^(?:["[({#:\\+\-0-9]|true$|false$)/;

/** Whether a notation can write a value that is not a string. */
export type IsWritable = (datum: Datum) => boolean;

const EVERYTHING: IsWritable = () => true;

/**
 * The text that the checkers compare; null for nil. Throws a SyntaxError for a value that has no
 * known equality.
 */
export function textOf(datum: Datum, isWritable: IsWritable = EVERYTHING): string | null {
  if (datum === null) return null;
  if (typeof datum === 'number') return String(datum);
  if (typeof datum === 'string') {
    return meaning(datum, isWritable) === undefined ? datum : printEdn(datum);
  }
  const opaque = findOpaque(datum);
  if (opaque !== undefined)
    throw new SyntaxError(`${opaque.text} is no value that can be compared`);
  return printEdn(datum);
}

/** The value with this text. */
export function datumOf(text: string | null, isWritable: IsWritable = EVERYTHING): Datum {
  if (text === null) return null;
  return meaning(text, isWritable) ?? text;
}

/** The value that a text stands for, if it is not the text itself. */
function meaning(text: string, isWritable: IsWritable): Datum | undefined {
  if (WHOLE.test(text)) return Number(text);
  if (!MAY_BE_EDN.test(text)) return undefined;
  const datum = readOne(text);
  if (datum === undefined || datum === null || printEdn(datum) !== text) return undefined;
  if (typeof datum === 'string') {
    return meaning(datum, isWritable) === undefined ? undefined : datum;
  }
  return findOpaque(datum) === undefined && isWritable(datum) ? datum : undefined;
}

function readOne(text: string): Datum | undefined {
  try {
    const found = readEdn(text);
    return found.length === 1 ? found[0] : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Whether JSON can write the datum: no keywords, sets or characters, and no numbers that JSON would
 * change.
 */
export function isJson(datum: Datum): boolean {
  if (typeof datum !== 'object' || datum === null) return true;
  if (datum instanceof Token) return isJsonNumber(datum.text);
  if (!(datum instanceof Compound)) return false;
  if (datum.opening === '[') return datum.items.every(isJson);
  return (
    datum.opening === '{' &&
    datum.items.every((item, index) => (index % 2 === 0 ? typeof item === 'string' : isJson(item)))
  );
}

function isJsonNumber(text: string): boolean {
  const number = jsonNumber(text);
  return number instanceof Token && number.text === text;
}

/** As JSON text; `isJson` must hold. */
export function printJson(datum: Datum): string {
  if (datum instanceof Token) return datum.text;
  if (!(datum instanceof Compound)) return JSON.stringify(datum);
  if (datum.opening === '[') return `[${datum.items.map(printJson).join(',')}]`;
  const members = entriesOf(datum.items).map(([name, value]) => `${name}:${printJson(value)}`);
  return `{${members.join(',')}}`;
}
