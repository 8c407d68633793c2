// The identity of nodes: servers and clients share one range of numbers, and a node may live
// several times.

/** A server's or a client's number, 0 to `MAX_NODE_ID`. */
export type NodeId = number;

export const MAX_NODE_ID = 999_999;

/** Far more lives than one id will have, and few enough that `lifeKey` is exact. */
export const MAX_INCARNATION = 2 ** 32 - 1;

/** The two kinds of process that a script starts. */
export type Role = 'server' | 'client';

/**
 * One life of a node. A node that is killed and joined again under its id begins a new life, with
 * the next incarnation (counted from 1). The lives share nothing but the number.
 */
export interface Life {
  readonly id: NodeId;
  readonly incarnation: number;
}

/** The caller of a node: another node, or the master that started it. */
export type Caller = NodeId | 'master';

/** A node that calls another one, with its role as the world knows it. */
export interface Peer {
  readonly id: NodeId;
  readonly role: Role;
}

/**
 * A number that identifies a life, for use as a map key. It is small for early incarnations, so
 * that hashing is cheap.
 */
export function lifeKey({ id, incarnation }: Life): number {
  return incarnation * (MAX_NODE_ID + 1) + id;
}

/** `server 3`, for messages to users. */
export function nameOfNode({ id, role }: Peer): string {
  return `${role} ${id}`;
}
