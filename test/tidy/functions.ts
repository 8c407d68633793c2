// Finds functions in scanned code by their braces, to count their lines. It recognizes the shapes
// that a formatter leaves: `name(...) {`, `name(...): Type {`, `(...) => {`.
import { lineAt } from './scanner.ts';

export interface FunctionSpan {
  /** Where its parameters begin, counted from 1. */
  readonly line: number;
  /** From there to its closing brace, both included. */
  readonly lines: number;
}

const CONTROL = /(?:^|[^\w$.])(?:if|for|while|switch|catch|with|await)\s*$/;
const CLASS_HEAD = /\bextends\s+[\w$.]+\s*$/;
/** The text that may precede the parenthesis of a named function: a name, or the end of one. */
const CALLABLE = /[\w$\])>'"`*]\s*$/;
/** After these a brace belongs to a type: `: { a: 1 } | { b: 2 }`. */
const TYPE_GOES_ON = /(?:[:|&<,?[(]|=>|\bis|\bkeyof|\bextends|\breadonly|\basserts)\s*$/;

/** Every function with a body in braces. `code` is the result of `scan`. */
export function findFunctions(code: string): FunctionSpan[] {
  const closings = matchBrackets(code);
  const startByBody = new Map<number, number>();
  for (const [open] of closings) {
    if (code[open] !== '(') continue;
    const body = bodyAfterParameters(code, open, closings);
    if (body !== undefined && !startByBody.has(body)) startByBody.set(body, open);
  }
  for (const { index, 0: arrow } of code.matchAll(/=>\s*\{/g)) {
    const body = index + arrow.length - 1;
    if (!startByBody.has(body)) startByBody.set(body, index);
  }
  return [...startByBody]
    .sort(([a], [b]) => a - b)
    .map(([body, start]) => {
      const line = lineAt(code, start);
      return { line, lines: lineAt(code, closings.get(body) ?? code.length) - line + 1 };
    });
}

/** The opening brace of the body that follows the parameters opened at `open`, if any follows. */
function bodyAfterParameters(
  code: string,
  open: number,
  closings: ReadonlyMap<number, number>,
): number | undefined {
  const before = code.slice(Math.max(0, open - 80), open);
  if (CONTROL.test(before) || CLASS_HEAD.test(before)) return undefined;
  const after = skipBlanks(code, (closings.get(open) ?? code.length) + 1);
  if (code[after] === '{') return CALLABLE.test(before) ? after : undefined;
  if (code.startsWith('=>', after)) {
    const body = skipBlanks(code, after + 2);
    return code[body] === '{' ? body : undefined;
  }
  return code[after] === ':' ? bodyAfterType(code, after + 1, closings) : undefined;
}

function bodyAfterType(
  code: string,
  from: number,
  closings: ReadonlyMap<number, number>,
): number | undefined {
  let angles = 0;
  for (let at = from; at < code.length; at += 1) {
    const character = code[at] ?? '';
    if (character === '<') angles += 1;
    if (character === '>' && code[at - 1] !== '=') angles -= 1;
    if (';)]}'.includes(character) || (character === ',' && angles === 0)) return undefined;
    if (character === '=' && code[at + 1] !== '>') return undefined;
    if (character === '{' && angles === 0) {
      const before = code.slice(Math.max(0, at - 20), at);
      if (/=>\s*$/.test(before) || !TYPE_GOES_ON.test(before)) return at;
    }
    at = closings.get(at) ?? at;
  }
  return undefined;
}

/** The closing bracket of every opening one. */
function matchBrackets(code: string): Map<number, number> {
  const closings = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < code.length; at += 1) {
    const character = code[at] ?? '';
    if ('([{'.includes(character)) open.push(at);
    else if (')]}'.includes(character)) {
      const opening = open.pop();
      if (opening !== undefined) closings.set(opening, at);
    }
  }
  return closings;
}

function skipBlanks(code: string, from: number): number {
  let at = from;
  while (/\s/.test(code[at] ?? '')) at += 1;
  return at;
}
