// The store of a cairn server: concurrent values side by side, and writes kept for other servers.
import type { VersionTuple } from '../../../../src/kernel/history.ts';
import type { NodeId } from '../../../../src/kernel/ids.ts';
import type { ParamsOf } from '../../../../src/kernel/messages.ts';
import type { CairnMessages } from './messages.ts';

export type Write = ParamsOf<CairnMessages, 'keep'>;
type Stone = Write['sibling'];

export interface Hint {
  readonly owner: NodeId;
  readonly write: Write;
}

export class Stones {
  readonly #stonesByKey = new Map<string, Stone[]>();
  /** By key: the versions that were replaced, which must not come back. */
  readonly #gone = new Map<string, Set<string>>();
  hints: Hint[] = [];

  siblings(key: string): readonly Stone[] {
    return this.#stonesByKey.get(key) ?? [];
  }

  versions(key: string): VersionTuple[] {
    return this.siblings(key).map(({ version }) => version);
  }

  keep({ key, sibling, replaces }: Write): void {
    const gone = this.#gone.get(key) ?? new Set();
    this.#gone.set(key, gone);
    for (const version of replaces) gone.add(String(version));
    const others = this.siblings(key).filter(({ version }) => !isSame(version, sibling.version));
    const all = [...others, sibling].filter(({ version }) => !gone.has(String(version)));
    all.sort((a, b) => (String(a.version) < String(b.version) ? -1 : 1));
    this.#stonesByKey.set(key, all);
  }

  *entries(): Generator<Stone & { readonly key: string }> {
    for (const [key, stones] of this.#stonesByKey) {
      for (const stone of stones) yield { key, ...stone };
    }
  }
}

function isSame(a: VersionTuple, b: VersionTuple): boolean {
  return String(a) === String(b);
}
