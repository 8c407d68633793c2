// Numbers of EDN and JSON as data. Numbers that are equal have one form: whole numbers of any size
// are exact, and a number with a fraction counts as the double that it stands for.
import { type Datum, Opaque, Token } from './datum.ts';

const WHOLE = /^[+-]?[0-9]+$/;
/** EDN forbids a zero before other digits: Clojure reads `010` as eight. */
const NUMBER = /^[+-]?(?:0|[1-9][0-9]*)(?:N|\/[0-9]+|(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?M?)$/;
const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
/** So long a whole number is exact as a double. */
const SAFE_DIGITS = 15;
const MOST_DIGITS = 1000;

/** Undefined for what is no number. In EDN `1` and `1N` are equal, and `1` and `1.0` are not. */
export function ednNumber(word: string): Datum | undefined {
  if (word.startsWith('##')) return specialNumber(word);
  if (!NUMBER.test(word)) return undefined;
  if (WHOLE.test(word)) return whole(word);
  if (word.endsWith('N')) return whole(word.slice(0, -1));
  if (word.endsWith('M')) return new Token(decimal(word.slice(0, -1)));
  if (word.includes('/')) return ratio(word);
  return double(word);
}

/** Undefined for what is no number. JSON has no types of numbers: `1` and `1.0` are equal. */
export function jsonNumber(word: string): Datum | undefined {
  if (!JSON_NUMBER.test(word)) return undefined;
  if (WHOLE.test(word)) return whole(word);
  const { sign, digits, power } = parts(word);
  if (digits === '') return 0;
  if (power > MOST_DIGITS) return new Opaque(word);
  return power >= 0 ? whole(sign + digits + '0'.repeat(power)) : new Token(String(Number(word)));
}

function whole(digits: string): Datum {
  if (digits.length <= SAFE_DIGITS) return Number(digits) + 0;
  if (digits.length > MOST_DIGITS) return new Opaque(`${digits.slice(0, 40)}...`);
  const number = BigInt(digits.startsWith('+') ? digits.slice(1) : digits);
  const isShort = String(number).length <= SAFE_DIGITS;
  return isShort ? Number(number) : new Token(String(number));
}

function double(word: string): Datum {
  const number = Number(word) + 0;
  if (!Number.isFinite(number)) return new Token(number > 0 ? '##Inf' : '##-Inf');
  const text = String(number);
  return new Token(/[.e]/.test(text) ? text : `${text}.0`);
}

/** The digits without zeros at either end, none for 0, and the exponent of the last one. */
function parts(word: string): { sign: '' | '-'; digits: string; power: number } {
  const [, sign = '', before = '', after = '', exponent = '0'] =
    /^([+-]?)([0-9]+)\.?([0-9]*)(?:[eE](.*))?$/.exec(word) ?? [];
  const all = `${before}${after}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  const power = Number(exponent) - after.length + all.length - digits.length;
  return { sign: sign === '-' ? '-' : '', digits, power };
}

/** In one form: `25E-1M` for 2.5. */
function decimal(word: string): string {
  const { sign, digits, power } = parts(word);
  if (digits === '') return '0M';
  return `${sign}${digits}${power === 0 ? '' : `E${power}`}M`;
}

function ratio(word: string): Datum {
  if (word.length > MOST_DIGITS) return new Opaque(`${word.slice(0, 40)}...`);
  const [over = 0n, under = 0n] = word.replace('+', '').split('/').map(BigInt);
  if (under === 0n) return new Opaque(word);
  let [divisor, rest] = [over < 0n ? -over : over, under];
  while (rest !== 0n) [divisor, rest] = [rest, divisor % rest];
  const [top, bottom] = [over / divisor, under / divisor];
  return bottom === 1n ? whole(String(top)) : new Token(`${top}/${bottom}`);
}

/** NaN equals nothing, not even itself. */
function specialNumber(word: string): Datum | undefined {
  if (word === '##Inf' || word === '##-Inf') return new Token(word);
  return word === '##NaN' ? new Opaque(word) : undefined;
}

/** The exact number; undefined for what is no whole number. */
export function wholeOf(datum: Datum | undefined): number | bigint | undefined {
  if (typeof datum === 'number') return datum;
  const isWhole = datum instanceof Token && WHOLE.test(datum.text);
  return isWhole ? BigInt(datum.text) : undefined;
}
