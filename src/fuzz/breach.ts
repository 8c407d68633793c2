// A violation found in a trial, before its line is known, and the name of its kind.
import { Bug } from '../kernel/errors.ts';

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
