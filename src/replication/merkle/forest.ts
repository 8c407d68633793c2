// The Merkle trees of one server: one for each set of servers that replicate some keys together.
import type { NodeId } from '../../kernel/ids.ts';
import { packDigests } from './packing.ts';
import { MerkleTree, ROOT } from './tree.ts';

/** The name of a tree, and the digest of its root in base64. */
export type MerkleRoot = readonly [tree: string, digest: string];

/**
 * With preference lists, a server shares other keys with each peer. A tree for each peer would hold
 * each key N - 1 times, and a tree for each arc of the ring would need as many roots as the ring
 * has tokens. The keys that exactly the same servers replicate are one tree here: so each key is in
 * one tree, a write changes one tree, and two servers compare the trees whose sets have both. Of m
 * servers, at most m over N sets exist, and no more than tokens.
 *
 * The placement of keys must not change: for another ring, another forest.
 */
export class MerkleForest {
  readonly #replicasOf: (key: string) => readonly NodeId[];
  readonly #treeByReplicas = new WeakMap<readonly NodeId[], MerkleTree>();
  readonly #trees = new Map<
    string,
    { readonly ids: ReadonlySet<NodeId>; readonly tree: MerkleTree }
  >();

  /**
   * `replicasOf` gives the servers that are to hold the key, in any order. It is quicker if many
   * keys have one object.
   */
  constructor(replicasOf: (key: string) => readonly NodeId[]) {
    this.#replicasOf = replicasOf;
  }

  /** `content` is equal at two replicas exactly if the key has the same there. */
  set(key: string, content: string): void {
    this.#treeOf(key).set(key, content);
  }

  delete(key: string): void {
    this.#treeOf(key).delete(key);
  }

  /** An empty tree if there is none of that name. */
  tree(name: string): MerkleTree {
    return this.#trees.get(name)?.tree ?? new MerkleTree();
  }

  #treeOf(key: string): MerkleTree {
    const replicas = this.#replicasOf(key);
    let tree = this.#treeByReplicas.get(replicas);
    if (tree === undefined) {
      tree = this.#open([...replicas].sort((a, b) => a - b));
      this.#treeByReplicas.set(replicas, tree);
    }
    return tree;
  }

  #open(ids: readonly NodeId[]): MerkleTree {
    const name = ids.join();
    const known = this.#trees.get(name) ?? { ids: new Set(ids), tree: new MerkleTree() };
    this.#trees.set(name, known);
    return known.tree;
  }

  /** The roots of all trees that have keys and that this server shares with the peer. */
  rootsWith(peer: NodeId): MerkleRoot[] {
    const shared = [...this.#trees].filter(([, { ids, tree }]) => ids.has(peer) && tree.size > 0);
    return shared.map(([name, { tree }]) => [name, packDigests([tree.digestOf(ROOT)])]);
  }

  /** The names of the trees at which the two servers differ, where the peer has these roots. */
  differing(peer: NodeId, roots: readonly MerkleRoot[]): string[] {
    const mine = new Map(this.rootsWith(peer));
    const theirs = new Map(roots);
    const names = new Set([...mine.keys(), ...theirs.keys()]);
    return [...names].filter((name) => mine.get(name) !== theirs.get(name)).sort();
  }
}
