// `POST /rpc` for people and curl: JSON-RPC 2.0 over HTTP, with the same methods as on links and on
// the master's channel. Loaded with the first request, since most runs have none.
import express, { type RequestHandler } from 'express';
import {
  createJSONRPCErrorResponse,
  type JSONRPCRequest,
  type JSONRPCResponse,
} from 'json-rpc-2.0';
import { CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import { findUnsafeJson } from '../kernel/json.ts';
import type { LinkOrder, Rank } from './assignment.ts';
import { readCount } from './dial.ts';
import { findInvalidRequest, invalidRequest } from './dispatcher.ts';
import { readBody, requireJson, wordError } from './httpBody.ts';
import type { RpcLimits } from './limits.ts';
import { toRpcError } from './rpcErrors.ts';

/** The caller according to token and header: the master, or a peer with an open link. */
export type HttpCaller = 'master' | LinkOrder['peer'];

export interface HttpSetup {
  readonly limits: RpcLimits;
  rankOf(authorization: unknown): Rank | undefined;
  /** The other end of an open link. */
  peerOf(id: NodeId): LinkOrder['peer'] | undefined;
  /** The ranks that may call a method; empty for an unknown method. */
  ranksFor(method: string): readonly Rank[];
  answer(request: JSONRPCRequest, caller: HttpCaller): PromiseLike<JSONRPCResponse | null>;
}

/** The header in which a caller other than the master names its node. */
const NODE_HEADER = 'causeway-node';

const PARSE_ERROR = -32700;

export function createHttpApp(setup: HttpSetup): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('strict routing');
  app.enable('case sensitive routing');
  const takeBody = readBody(setup.limits.messageBytes);
  app.post('/rpc', requireJson, requireToken(setup), takeBody, answerBody(setup));
  app.all('/rpc', (_request, response) => {
    response.set('allow', 'POST').set('connection', 'close').sendStatus(405);
  });
  app.use((_request, response) => {
    response.set('connection', 'close').sendStatus(404);
  });
  app.use(wordError);
  return app;
}

/** 401 for an invalid token, 403 for a token that does not match the node in the header. */
function requireToken({ rankOf, peerOf }: HttpSetup): RequestHandler {
  return ({ headers }, response, next) => {
    const rank = rankOf(headers.authorization);
    const peer = peerOf(readCount(headers[NODE_HEADER]) ?? -1);
    if (rank === undefined) {
      response.set('www-authenticate', 'Bearer').set('connection', 'close').sendStatus(401);
    } else if (rank === 'master' || peer?.role === rank) {
      response.locals.rank = rank;
      response.locals.caller = rank === 'master' ? 'master' : peer;
      next();
    } else {
      response.set('connection', 'close').sendStatus(403);
    }
  };
}

function answerBody(setup: HttpSetup): RequestHandler {
  return async (request, response) => {
    const { rank, caller } = response.locals as { rank: Rank; caller: HttpCaller };
    const body = parseBody(request.body, setup.limits);
    if (body.refusal !== undefined) {
      response.status(400).json(body.refusal);
      return;
    }
    const { requests, isBatch } = body;
    const isForbidden = (item: unknown): boolean => {
      const ranks = setup.ranksFor(String((item as Partial<JSONRPCRequest> | null)?.method));
      return ranks.length > 0 && !ranks.includes(rank);
    };
    if (requests.some(isForbidden)) {
      response.sendStatus(403);
      return;
    }
    const answers = await Promise.all(requests.map((item) => answerItem(setup, item, caller)));
    const isRefused = !isBatch && findInvalidRequest(requests[0]) !== undefined;
    response.status(isRefused ? 400 : 200).json(isBatch ? answers : answers[0]);
  };
}

type Body =
  | { readonly requests: readonly unknown[]; readonly isBatch: boolean; readonly refusal?: never }
  | { readonly requests?: never; readonly refusal: JSONRPCResponse };

/** The unchecked requests of the body, or the single error answer to an invalid body. */
function parseBody(bytes: unknown, limits: RpcLimits): Body {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes as Uint8Array));
  } catch {
    return { refusal: createJSONRPCErrorResponse(null, PARSE_ERROR, 'Parse error') };
  }
  const isBatch = Array.isArray(body);
  const requests: readonly unknown[] = Array.isArray(body) ? body : [body];
  if (requests.length === 0) return { refusal: invalidRequest(null, 'an empty batch') };
  if (requests.length > limits.batchItems) {
    return { refusal: invalidRequest(null, `batch too large, at most ${limits.batchItems}`) };
  }
  const isDeep = (item: unknown) => findUnsafeJson(item, limits.jsonDepth)?.startsWith('nested');
  if (requests.some(isDeep)) return { refusal: invalidRequest(null, 'nested too deep') };
  return { requests, isBatch };
}

async function answerItem(
  { limits, answer }: HttpSetup,
  item: unknown,
  caller: HttpCaller,
): Promise<JSONRPCResponse | null> {
  const invalid = findInvalidRequest(item);
  if (invalid !== undefined) return invalidRequest(item, invalid);
  const request = item as JSONRPCRequest;
  const unsafe = findUnsafeJson(request, limits.jsonDepth);
  if (unsafe === undefined) return answer(request, caller);
  const error = toRpcError(new CallError('E_BAD_REQUEST', unsafe));
  return { jsonrpc: '2.0', id: request.id ?? null, error };
}
