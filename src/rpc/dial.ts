// The WebSocket handshake between two nodes, from the side that dials: what it states in the
// headers, and how the other side reads them.
import type { IncomingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import type { Life } from '../kernel/ids.ts';
import { CALL_TIMEOUT_MS } from '../kernel/limits.ts';
import type { LinkOrder } from './assignment.ts';
import type { RpcLimits } from './limits.ts';
import { LinkSocket } from './linkSocket.ts';

export const LINK_PATH = '/link';

/** Which link a socket is for: dialing life, dialed life, and number of the link. */
export interface Handshake {
  readonly from: Life;
  readonly to: Life;
  readonly number: number;
}

export interface Dial {
  readonly self: Life;
  readonly token: string;
  readonly order: LinkOrder;
  readonly limits: RpcLimits;
}

/**
 * Calls exactly one of the two callbacks, unless the returned cancel function is called first. A
 * peer that refuses, is gone or does not answer in time is a failure.
 */
export function dial(
  { self, token, order: { peer, number }, limits }: Dial,
  onOpen: (socket: LinkSocket) => void,
  onFail: (why: string) => void,
): () => void {
  const ws = new WebSocket(`ws://127.0.0.1:${peer.port}${LINK_PATH}`, {
    headers: {
      authorization: `Bearer ${token}`,
      'causeway-from': writeLife(self),
      'causeway-to': writeLife(peer),
      'causeway-link': String(number),
    },
    handshakeTimeout: 10 * CALL_TIMEOUT_MS,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
  });
  let isOver = false;
  ws.on('upgrade', (response) => {
    if (isOver) return;
    const socket = new LinkSocket(ws, response.socket, true, limits);
    ws.once('open', () => {
      isOver = true;
      onOpen(socket);
    });
  });
  const fail = (why: string): void => {
    if (isOver) return;
    isOver = true;
    onFail(why);
  };
  ws.on('error', (error) => fail(error.message));
  ws.on('close', () => fail('closed'));
  return () => {
    isOver = true;
    ws.terminate();
  };
}

function writeLife({ id, incarnation }: Life): string {
  return `${id}.${incarnation}`;
}

/** The handshake in the headers, or undefined if they have none. */
export function readHandshake(headers: IncomingHttpHeaders): Handshake | undefined {
  const from = readLife(headers['causeway-from']);
  const to = readLife(headers['causeway-to']);
  const number = readCount(headers['causeway-link']);
  if (from === undefined || to === undefined || number === undefined) return undefined;
  return { from, to, number };
}

function readLife(text: unknown): Life | undefined {
  if (typeof text !== 'string') return undefined;
  const [id, incarnation, ...rest] = text.split('.').map(readCount);
  if (id === undefined || incarnation === undefined || rest.length > 0) return undefined;
  return { id, incarnation };
}

/** Parses a whole number in its canonical notation only. */
export function readCount(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^(0|[1-9][0-9]{0,14})$/.test(text)) return undefined;
  return Number(text);
}
