// Routes between the servers of a round, over the tree that its root has built. Synchronous.
import type { NodeId } from '../../kernel/ids.ts';

/** The servers from one to another, without the first. */
export type Route = readonly NodeId[];

/** The server that a route leads to. */
export function lastOf(route: Route): NodeId {
  return route.at(-1) as NodeId;
}

/**
 * The routes of the server at the end of `own` to the root and to all others: up the tree to the
 * root, then down. `routes` are the root's own; an empty `own` is the root itself.
 */
export function routesFrom(root: NodeId, own: Route, routes: readonly Route[]): NodeId[][] {
  const self = own.at(-1) ?? root;
  const up = own.length === 0 ? [] : [...own.slice(0, -1).reverse(), root];
  const others = routes.filter((route) => route.at(-1) !== self);
  return [...(up.length === 0 ? [] : [up]), ...others.map((route) => [...up, ...route])];
}
