// Consistency levels: how many replicas must confirm a write or answer a read.
import type { ModifierSpec, Options } from '../../kernel/protocol.ts';
import { tooHigh } from './errors.ts';

/** A count, or a word that depends on the number of replicas. */
export type Level = 'one' | 'quorum' | 'all' | number;

const WORD = /^(?:one|quorum|all)$/i;
const COUNT = /^[rw]=([0-9]{1,6})$/i;

/** Undefined for a word that is no level. */
export function readLevel(word: string): Level | undefined {
  if (WORD.test(word)) return word.toLowerCase() as Level;
  const count = COUNT.exec(word)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** The level that the modifiers of an operation name; null for the default. */
export function levelOf(modifiers: readonly string[]): Level | null {
  const [word] = modifiers;
  return word === undefined ? null : (readLevel(word) ?? null);
}

/** How many of the `n` replicas a level counts. */
export function countOf(level: Level, n: number): number {
  if (typeof level === 'number') return level;
  if (level === 'one') return 1;
  return level === 'all' ? n : Math.floor(n / 2) + 1;
}

/** As `countOf`. Throws ERR_LEVEL if that is more than the `n` replicas. */
export function possibleCountOf(level: Level, n: number): number {
  const count = countOf(level, n);
  if (count > n) throw tooHigh(count, n);
  return count;
}

function refuseCount(word: string, { n = '' }: Options): string | undefined {
  const level = readLevel(word);
  if (typeof level !== 'number' || (level >= 1 && level <= Number(n))) return undefined;
  return `${word.charAt(0)} is 1 to ${n}, the number of replicas`;
}

function isLevel(letter: 'r' | 'w'): (word: string) => boolean {
  return (word) => {
    const level = readLevel(word);
    return typeof level === 'number' ? word.toLowerCase().startsWith(letter) : level !== undefined;
  };
}

export const modifiers: readonly ModifierSpec[] = [
  {
    name: 'level',
    usage: 'one|quorum|all|r=<count>',
    about: 'how many replicas must answer: one, more than half, all, or so many',
    on: ['get'],
    isModifier: isLevel('r'),
    refuse: refuseCount,
    samples: ['one', 'quorum', 'ALL', 'r=1'],
  },
  {
    name: 'level',
    usage: 'one|quorum|all|w=<count>',
    about: 'how many replicas must confirm the write: one, more than half, all, or so many',
    on: ['put', 'delete'],
    isModifier: isLevel('w'),
    refuse: refuseCount,
    samples: ['one', 'quorum', 'ALL', 'w=1'],
  },
];
