// One browser that watches a live run: a stream of server-sent events that sends the log from where
// the browser left off, as fast as the browser reads.
import type { ServerResponse } from 'node:http';
import type { LiveLog } from '../../web/live/liveLog.ts';
import type { LivePart } from '../../web/live/messages.ts';

/** The most parts in one event; more wait in the log until the browser has read these. */
const MOST_PARTS = 500;

/** A simulation hides the global one while it runs, and parts are added meanwhile. */
const laterTurn = globalThis.setImmediate;

export class Watcher {
  readonly #response: ServerResponse;
  readonly #log: LiveLog<LivePart>;
  readonly #unlisten: () => void;
  #read: number;
  #isPlanned = false;
  #isEnding = false;

  /** `after` is the last part that the browser has. */
  constructor(response: ServerResponse, log: LiveLog<LivePart>, after: number) {
    this.#response = response;
    this.#log = log;
    this.#read = after;
    this.#unlisten = log.listen(() => this.#plan());
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    response.on('drain', () => this.#send());
    response.on('close', () => this.#unlisten());
    this.#plan();
  }

  /** Ends the stream when all has been sent. */
  end(): void {
    this.#isEnding = true;
    this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    laterTurn(() => {
      this.#isPlanned = false;
      this.#send();
    });
  }

  #send(): void {
    const response = this.#response;
    while (!response.destroyed && !response.writableNeedDrain) {
      const { parts, last } = this.#log.read(this.#read, MOST_PARTS);
      if (parts.length === 0) break;
      this.#read = last;
      response.write(`id: ${last}\ndata: ${JSON.stringify(parts)}\n\n`);
    }
    if (this.#isEnding && this.#read === this.#log.last) response.end();
  }
}
