// How a child process lives and ends: it speaks with its parent over the IPC channel, ends with it,
// and after a bug says what happened and ends too, never half alive.
import type { JSONRPCRequest } from 'json-rpc-2.0';
import { Outbox } from './outbox.ts';
import { isScarcity } from './scarcity.ts';

/** The exit status after a bug (sysexits.h, EX_SOFTWARE). */
export const EXIT_BUG = 70;
/** The exit status when the environment refused what a process needs (EX_OSERR). */
export const EXIT_ENVIRONMENT = 71;
const EXIT_USAGE = 64;

/** The parent's end of the channel may be stuck; a last message waits no longer than this. */
const LAST_WORDS_MS = 200;

export interface Lifetime {
  /** Sends to the parent at the end of this turn, unless the process is about to end. */
  send(message: unknown): void;
  onMessage(listener: (request: JSONRPCRequest) => void): void;
  /** Told once, before the process ends of a bug. */
  onBug(listener: () => void): void;
  /** Ends the process; what was sent before still reaches the parent. */
  readonly fail: (error: unknown, status?: number) => void;
}

function statusOf(error: unknown): number {
  return isScarcity(error) ? EXIT_ENVIRONMENT : EXIT_BUG;
}

export function createLifetime(): Lifetime {
  if (process.send === undefined) {
    process.stderr.write('causeway: this program is started by the master\n');
    process.exit(EXIT_USAGE);
  }
  const send = process.send.bind(process);
  const outbox = new Outbox<unknown>((messages) => send(messages));
  process.on('disconnect', () => process.exit(0));
  // At a terminal these reach the whole group; the master decides what becomes of its children.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => undefined);
  let isEnding = false;
  let lastWords = (): void => undefined;
  const fail = (error: unknown, status: number = statusOf(error)): void => {
    if (isEnding) return;
    lastWords();
    outbox.flush();
    isEnding = true;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`causeway: ${text}\n`);
    const end = () => process.exit(status);
    setTimeout(end, LAST_WORDS_MS);
    send([], undefined, undefined, end);
  };
  process.on('uncaughtException', (error) => fail(error));
  process.on('unhandledRejection', (error) => fail(error));
  return {
    send: (message) => {
      if (!isEnding) outbox.add(message);
    },
    onMessage: (listener) => {
      process.on('message', (messages: JSONRPCRequest[]) => {
        for (const message of messages) listener(message);
      });
    },
    onBug: (listener) => {
      lastWords = listener;
    },
    fail,
  };
}
