// A violation found in a trial, before its line is known, and the name of its kind.
import { isInitial } from '../checkers/index.ts';
import { Bug } from '../kernel/errors.ts';
import { type Recorded, showValue } from '../kernel/history.ts';

export class Breach extends Error {
  readonly kind: string;

  constructor(kind: string, sentence: string) {
    super(sentence);
    this.kind = kind;
  }
}

/**
 * The number of the guarantee or invariant that a bug names, or else its text without the parts
 * that differ between runs.
 */
export function describeBreach(error: unknown): { kind: string; sentence: string } {
  if (error instanceof Breach) return { kind: error.kind, sentence: error.message };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const [, number] = /^([A-Z][0-9]+|cut): /.exec(message) ?? [];
  const isStuck = error instanceof Bug && /gets nowhere|never comes/.test(message);
  const plain = `${name}: ${message.replace(/[0-9]+/g, 'n')}`;
  return { kind: number ?? (isStuck ? 'G4' : plain), sentence: message };
}

/** An acknowledged write that no server has, though its server has its log. */
export function lossOf(write: Recorded): Breach {
  const put = `${write.key}=${showValue(write.value)}`;
  const sentence = isInitial(write)
    ? `an earlier run put ${put}`
    : `client ${write.session} was told that ${put} is done`;
  return new Breach('LostWrite', `${sentence}, its server has its log, and no server has it`);
}

/** Throws a Breach for a read without an answer: of the reads when all faults have ended. */
export function judgeReads(reads: readonly Recorded[]): void {
  const refused = reads.find(({ outcome }) => outcome !== 'ok' && outcome !== 'absent');
  if (refused === undefined) return;
  const { key, outcome } = refused;
  throw new Breach(
    'G4',
    `a get of ${key} ended with '${outcome}', though all servers run and are linked`,
  );
}
