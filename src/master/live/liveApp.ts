// What a live run answers to browsers: the page, its stream, and orders. Everything lies below a
// path with a secret, so a request without it learns nothing; the listener has checked the host.
import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type RequestHandler, type Response } from 'express';
import { readBody, requireJson, wordError } from '../../rpc/httpBody.ts';
import type { LiveLog } from '../../web/live/liveLog.ts';
import { type LivePart, type Order, readOrder } from '../../web/live/messages.ts';
import { REFUSAL, REFUSAL_HEADERS } from './refusal.ts';
import { Watcher } from './watcher.ts';

/** A line that a person types, and what is around it. */
const ORDER_BYTES = 64 * 1024;
/** A browser opens few connections to one host, so one person needs one or two. */
export const MOST_WATCHERS = 32;

export interface LiveSetup {
  readonly token: string;
  /** The page as a document. */
  readonly page: string;
  readonly log: LiveLog<LivePart>;
  onOrder(order: Order): void;
}

export interface LiveApp {
  readonly serve: express.Express;
  /** Ends all streams, when they have sent everything. */
  end(): void;
}

const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  // The page has a policy of its own; a frame can be forbidden by a header only.
  'content-security-policy': "frame-ancestors 'none'",
};

export function createLiveApp(setup: LiveSetup): LiveApp {
  const watchers = new Set<Watcher>();
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.use((_request, response, next) => {
    response.set(HEADERS);
    next();
  });
  app.use('/:token', requireToken(setup.token));
  app.get('/:token/', (_request, response) => {
    response.type('html').send(setup.page);
  });
  app.get('/:token/events', watch(setup.log, watchers));
  app.post('/:token/orders', requireJson, readBody(ORDER_BYTES), takeOrder(setup));
  app.use((_request, response) => {
    refuse(response, 404);
  });
  app.use(wordError);
  return {
    serve: app,
    end: () => {
      for (const watcher of watchers) watcher.end();
    },
  };
}

function requireToken(token: string): RequestHandler {
  const expected = digest(token);
  return ({ params }, response, next) => {
    if (timingSafeEqual(digest(String(params.token)), expected)) next();
    else refuse(response, 403);
  };
}

function refuse(response: Response, status: 403 | 404): void {
  response.status(status).set({ connection: 'close', ...REFUSAL_HEADERS });
  response.type('html').send(REFUSAL);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function watch(log: LiveLog<LivePart>, watchers: Set<Watcher>): RequestHandler {
  return ({ headers }, response) => {
    if (watchers.size >= MOST_WATCHERS) {
      response.set('connection', 'close').sendStatus(503);
      return;
    }
    const watcher = new Watcher(response, log, Number(headers['last-event-id'] ?? 0));
    watchers.add(watcher);
    response.on('close', () => watchers.delete(watcher));
  };
}

function takeOrder({ onOrder }: LiveSetup): RequestHandler {
  return ({ body }, response) => {
    const order = readOrder(parse(body));
    if (order !== undefined) onOrder(order);
    response.sendStatus(order === undefined ? 400 : 202);
  };
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
