// The single steps of shrinking. Each step offers smaller test cases until one round of offers is
// refused.
import type { Protocol } from '../kernel/protocol.ts';
import { OPENERS } from '../language/commands/directives.ts';
import { NO_FAULTS } from '../sim/faultPlan.ts';
import { listFaults, withoutFault } from '../sim/faultText.ts';
import { commandOf } from './answers.ts';
import type { TestCase } from './testCase.ts';

/** Offers a smaller test case. True if it fails in the same way and is now the current one. */
export type Offer<T extends Lines = TestCase> = (candidate: T) => Promise<boolean>;

/** All that the removal of lines needs of a test case. */
export interface Lines {
  readonly lines: readonly string[];
}

type Current<T extends Lines = TestCase> = () => T;

/** Below this many lines, pairs of lines are tried as well. */
const FEW_LINES = 16;

/** Removes all faults if possible; otherwise one kind of fault after the other. */
export async function simplifyFaults(current: Current, offer: Offer): Promise<void> {
  if (listFaults(current().faults).length === 0) return;
  if (await offer({ ...current(), faults: NO_FAULTS })) return;
  for (const name of listFaults(current().faults)) {
    const testCase = current();
    await offer({ ...testCase, faults: withoutFault(testCase.faults, name) });
  }
}

/**
 * Removes runs of lines, long ones first, from the end to the beginning; then blocks, and the lines
 * that open and close them.
 */
export async function dropLines<T extends Lines>(
  current: Current<T>,
  offer: Offer<T>,
): Promise<void> {
  for (let size = Math.ceil(current().lines.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let end = current().lines.length; end > 0; end -= 1) {
      const dropped = range(Math.max(0, end - size), end);
      if (await offerWithout(current, offer, dropped)) end -= size - 1;
      else if (size > 1) end -= size - 1;
    }
  }
  for (const [opening, closing] of blocksOf(current().lines).toReversed()) {
    const isGone = await offerWithout(current, offer, range(opening, closing + 1));
    if (!isGone) await offerWithout(current, offer, [opening, closing]);
  }
}

/** Removes two lines that only need each other. */
export async function dropTwoLines<T extends Lines>(
  current: Current<T>,
  offer: Offer<T>,
): Promise<void> {
  for (let second = current().lines.length - 1; second > 0; second -= 1) {
    for (let first = second - 1; first >= 0; first -= 1) {
      const { length } = current().lines;
      if (length > FEW_LINES || second >= length) break;
      if (await offerWithout(current, offer, [first, second])) break;
    }
  }
}

async function offerWithout<T extends Lines>(
  current: Current<T>,
  offer: Offer<T>,
  dropped: readonly number[],
): Promise<boolean> {
  const testCase = current();
  const lines = testCase.lines.filter((_, index) => !dropped.includes(index));
  if (lines.length === testCase.lines.length || isOpen(lines)) return false;
  return offer({ ...testCase, lines });
}

/** Whether a block is open at the end: such a script would not run to its end. */
function isOpen(lines: readonly string[]): boolean {
  return pairUp(lines).open > 0;
}

/** The positions of the first and last line of each block, the outer ones after the inner ones. */
function blocksOf(lines: readonly string[]): readonly [number, number][] {
  return pairUp(lines).blocks;
}

function pairUp(lines: readonly string[]): { blocks: [number, number][]; open: number } {
  const blocks: [number, number][] = [];
  const open: number[] = [];
  for (const [index, line] of lines.entries()) {
    const command = commandOf(line) ?? '';
    if (OPENERS.includes(command)) open.push(index);
    const opening = command === 'end' ? open.pop() : undefined;
    if (opening !== undefined) blocks.push([opening, index]);
  }
  return { blocks, open: open.length };
}

/** Fewer words, smaller numbers, one key; ids and values renumbered from the start. */
export async function simplifyWords(current: Current, offer: Offer): Promise<void> {
  for (let index = 0; index < current().lines.length; index += 1) {
    for (;;) {
      const { lines } = current();
      let isSimpler = false;
      for (const line of simplerLines(lines[index] ?? '')) {
        isSimpler = await offer({ ...current(), lines: lines.with(index, line) });
        if (isSimpler) break;
      }
      if (!isSimpler) break;
    }
  }
  for (const rename of [renumberIds, useOneKey, fillEmptyValues, renumberValues]) {
    const testCase = current();
    const lines = rename(testCase.lines, testCase.protocol);
    if (lines.join('\n') !== testCase.lines.join('\n')) await offer({ ...testCase, lines });
  }
}

/** Short ones first. */
const SLEEPS = ['sleep 5ms', 'sleep 300ms'];
const ROUNDS = ['1', '2', '3', '10'];

/** Without the name of the round, then with it: lines inside may need it. */
function simplerRepeats([rounds = '', ...name]: readonly string[]): string[] {
  const fewer = ROUNDS.slice(0, indexOrEnd(ROUNDS, rounds));
  const named = fewer.map((count) => ['repeat', count, ...name].join(' '));
  return name.length === 0 ? named : [`repeat ${rounds}`, ...named];
}

/** Simpler variants of a line, per command. */
function simplerLines(line: string): string[] {
  const [command, ...words] = line.split(' ');
  const shorter = [command, ...words.slice(0, -1)].join(' ');
  if (command === 'partition') return simplerPartitions(words);
  if (command === 'repeat') return simplerRepeats(words);
  if (command === 'joinClient' && words.length > 2) return [shorter];
  if (command === 'protocol' && words.length > 1) return [shorter];
  if (command === 'breakConnection' && words[2] === 'oneway') return [shorter];
  if (command === 'link') return words.flatMap((word) => simplerSettings(line, word));
  if (command === 'sleep') return SLEEPS.slice(0, indexOrEnd(SLEEPS, line));
  return command === 'workload' ? words.flatMap((word) => simplerLoad(line, word)) : [];
}

function indexOrEnd(list: readonly string[], item: string): number {
  return list.includes(item) ? list.indexOf(item) : list.length;
}

/** Both ways; without a group, if two others are left; without a node that is not alone. */
function simplerPartitions(words: readonly string[]): string[] {
  const direction = words.at(-1) === 'oneway' ? ['oneway'] : [];
  const groups = words
    .slice(0, words.length - direction.length)
    .join(' ')
    .split(' | ')
    .map((group) => group.split(' '));
  const write = (some: readonly (readonly string[])[], end: readonly string[]): string =>
    ['partition', some.map((group) => group.join(' ')).join(' | '), ...end].join(' ');
  const fewer = groups.flatMap((group, at) => [
    ...(groups.length > 2 ? [groups.toSpliced(at, 1)] : []),
    ...(group.length > 1 ? group.map((_, id) => groups.with(at, group.toSpliced(id, 1))) : []),
  ]);
  const both = direction.length > 0 ? [write(groups, [])] : [];
  return [...both, ...fewer.map((some) => write(some, direction))];
}

/** Without one of several settings. */
function simplerSettings(line: string, word: string): string[] {
  const isOneOfSeveral = word.includes('=') && line.split('=').length > 2;
  return isOneOfSeveral ? [line.replace(` ${word}`, '')] : [];
}

function simplerLoad(line: string, word: string): string[] {
  const [name, text] = word.split('=');
  if (name === 'from' || name === 'clients') return [line.replace(` ${word}`, '')];
  if (text === 'all') return [line.replace(word, `${name}=1`)];
  if (['appends', 'pops', 'cas'].includes(name ?? '')) return [line.replace(` ${word}`, '')];
  const least = name === 'reads' ? 0 : 1;
  const half = name === 'reads' ? 0 : Math.floor(Number(text) / 2);
  return Number(text) > least ? [line.replace(word, `${name}=${Math.max(least, half)}`)] : [];
}

/** Renumbers servers from 0 in the order in which they join, then clients. */
function renumberIds(lines: readonly string[], protocol: Protocol): string[] {
  const joined = (command: string): string[] =>
    lines.flatMap((line) => {
      const [name, id = ''] = line.split(' ');
      return name === command ? [id] : [];
    });
  const ids = [...new Set([...joined('joinServer'), ...joined('joinClient')])];
  const newIds = new Map(ids.map((id, index) => [id, String(index)]));
  return lines.map((line) => {
    const words = line.split(' ');
    const end = endOfIds(words[0] ?? '', protocol) ?? words.length;
    return words.map((word, at) => (at < end ? (newIds.get(word) ?? word) : word)).join(' ');
  });
}

const OPERATIONS = ['put', 'get', 'delete'];

/** The position of the first word that is no id, but may look like one; undefined for none. */
function endOfIds(command: string, { commands }: Protocol): number | undefined {
  if (OPERATIONS.includes(command)) return 2;
  const on = commands.find(({ name }) => name === command)?.on;
  if (on === 'service') return 1;
  return on === 'client' || on === 'server' ? 2 : undefined;
}

/** The commands on a client whose arguments are a key or, with `hasValue`, a key and a value. */
function operationsOf({ commands }: Protocol, hasValue: boolean): string {
  const wanted = hasValue ? 'key value' : 'key';
  const own = commands.filter(({ on, args }) => {
    return on === 'client' && `${args.join(' ')} `.startsWith(`${wanted} `);
  });
  return [...(hasValue ? ['put'] : OPERATIONS), ...own.map(({ name }) => name)].join('|');
}

function useOneKey(lines: readonly string[], protocol: Protocol): string[] {
  const key = new RegExp(`^((?:${operationsOf(protocol, false)}) [0-9]+) [^ ]+`);
  return lines.map((line) => line.replace(key, '$1 x'));
}

/** Replaces the empty value where it does not matter. */
function fillEmptyValues(lines: readonly string[], protocol: Protocol): string[] {
  const empty = new RegExp(`^((?:${operationsOf(protocol, true)}) [0-9]+ [^ ]+) ""$`);
  return lines.map((line) => line.replace(empty, '$1 v0'));
}

function renumberValues(lines: readonly string[], protocol: Protocol): string[] {
  const value = new RegExp(`^((?:${operationsOf(protocol, true)}) [0-9]+ [^ ]+) v[0-9]+$`);
  let count = 0;
  return lines.map((line) =>
    line.replace(value, (_, asked: string) => {
      count += 1;
      return `${asked} v${count}`;
    }),
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
