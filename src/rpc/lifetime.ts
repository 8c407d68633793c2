// How a child process lives and ends. It talks to its parent over the IPC channel and ends with the
// parent. After a bug it reports the bug and ends at once.
import type { JSONRPCRequest } from 'json-rpc-2.0';
import { stackOf, tellBug } from './bugReport.ts';
import { Outbox } from './outbox.ts';
import { isScarcity } from './scarcity.ts';

/** The exit status after a bug (sysexits.h, EX_SOFTWARE). */
export const EXIT_BUG = 70;
/** The exit status if the environment refused what the process needs (EX_OSERR). */
export const EXIT_ENVIRONMENT = 71;
const EXIT_USAGE = 64;

/** The longest wait for a last message, since the parent's end of the channel may be blocked. */
const LAST_WORDS_MS = 200;

export interface Lifetime {
  /** Sends to the parent at the end of this turn, unless the process is ending. */
  send(message: unknown): void;
  onMessage(listener: (request: JSONRPCRequest) => void): void;
  /** The listener is called once, before the process ends because of a bug. */
  onBug(listener: () => void): void;
  /** Says something on stderr that the user of the master ought to see. */
  readonly say: (text: string) => void;
  /** Ends the process; messages sent before still reach the parent. */
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
  // A terminal sends these to the whole process group; the master decides when its children end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => undefined);
  let isEnding = false;
  let lastWords = (): void => undefined;
  const fail = (error: unknown, status: number = statusOf(error)): void => {
    if (isEnding) return;
    lastWords();
    outbox.flush();
    isEnding = true;
    const text = status === EXIT_BUG ? tellBug(error) : stackOf(error);
    process.stderr.write(`causeway: ${text}\n`);
    const end = () => process.exit(status);
    setTimeout(end, LAST_WORDS_MS);
    send([], undefined, undefined, end);
  };
  process.on('uncaughtException', (error) => fail(error));
  process.on('unhandledRejection', (error) => fail(error));
  return {
    say: (text) => process.stderr.write(`causeway: ${text}\n`),
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
