// For the invariants: every write that a coordinator has accepted, and which of them come before
// which. It has rules of its own for that, so that a mistake in those of write.ts is found.
import { compareVersions, type Version } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import type { ContextTuples } from '../../kernel/history.ts';
import type { Write } from './write.ts';

export class Oracle {
  readonly #byName = new Map<string, Write>();
  readonly #namesByKey = new Map<string, string[]>();
  /** With `versions=vector`: the writes that each one replaces. */
  readonly #earlierByName = new Map<string, ReadonlySet<string>>();

  /** `known`: what the session knew of the key. */
  accepted(write: Write, known: ContextTuples | null): void {
    const { key, version, context } = write;
    const name = nameOf(version);
    assert(!this.#byName.has(name), () => `G2: version ${name} names two writes`);
    const others = this.#namesByKey.get(key) ?? [];
    if (context !== null) {
      const before = others.filter((other) => isIn(known ?? [], this.#version(other)));
      this.#earlierByName.set(name, new Set(before));
      const spans = context.toTuples();
      for (const other of others) {
        const isReplaced = isIn(spans, this.#version(other));
        const isKnown = before.includes(other);
        assert(
          isReplaced === isKnown,
          () => `Q7: ${tell(write)} ${isReplaced ? 'replaces' : 'does not replace'} ${other}`,
        );
      }
    }
    this.#byName.set(name, write);
    this.#namesByKey.set(key, [...others, name]);
  }

  /** Q3: whatever brought it, a copy is the write that a coordinator has accepted. */
  check({ key, value, version, context }: Write): void {
    const known = this.#byName.get(nameOf(version));
    const isSame =
      known?.key === key &&
      known.value === value &&
      JSON.stringify(known.context?.toTuples()) === JSON.stringify(context?.toTuples());
    assert(isSame, () => `Q3: ${key} ${nameOf(version)} is no write that was accepted so`);
  }

  /** Whether a replica that has `a` needs that write of the key no more. */
  includes(a: Write, version: Version): boolean {
    const order = compareVersions(a.version, version);
    if (a.context === null) return order >= 0;
    return order === 0 || this.#earlierByName.get(nameOf(a.version))?.has(nameOf(version)) === true;
  }

  /** Whether one of these writes does. */
  isIncluded(writes: Iterable<Write>, version: Version): boolean {
    for (const write of writes) if (this.includes(write, version)) return true;
    return false;
  }

  #version(name: string): Version {
    return (this.#byName.get(name) as Write).version;
  }
}

function isIn(spans: ContextTuples, { timestamp, origin }: Version): boolean {
  for (const [id, incarnation, after, upTo] of spans) {
    const isOf = id === origin.id && incarnation === origin.incarnation;
    if (isOf && after < timestamp && timestamp <= upTo) return true;
  }
  return false;
}

export function nameOf({ timestamp, origin }: Version): string {
  return `${timestamp}/${origin.id}.${origin.incarnation}`;
}

export function tell({ key, version }: Pick<Write, 'key' | 'version'>): string {
  return `${key} ${nameOf(version)}`;
}
