// The store of a cairn server: concurrent values side by side, and writes kept for other servers.
import { CausalContext } from '../../../../src/clocks/causalContext.ts';
import { fromVersionTuple } from '../../../../src/clocks/version.ts';
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
  /** By key: all that was ever here, or was replaced here. */
  readonly #contexts = new Map<string, CausalContext>();
  hints: Hint[] = [];

  siblings(key: string): readonly Stone[] {
    return this.#stonesByKey.get(key) ?? [];
  }

  contextOf(key: string): CausalContext {
    return this.#contexts.get(key) ?? CausalContext.EMPTY;
  }

  keep({ key, sibling }: Write): void {
    const known = this.contextOf(key);
    if (known.covers(fromVersionTuple(sibling.version))) return;
    const context = CausalContext.fromTuples(sibling.context);
    this.#contexts.set(key, known.union(context));
    const isLeft = ({ version }: Stone): boolean => !context.covers(fromVersionTuple(version));
    const all = [...this.siblings(key).filter(isLeft), sibling];
    all.sort((a, b) => (String(a.version) < String(b.version) ? -1 : 1));
    this.#stonesByKey.set(key, all);
  }

  *entries(): Generator<Stone & { readonly key: string }> {
    for (const [key, stones] of this.#stonesByKey) {
      for (const stone of stones) yield { key, ...stone };
    }
  }
}
