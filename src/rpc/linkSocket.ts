// One WebSocket of a link. A frame is one message, or a JSON array of the messages that were sent
// within one turn of the event loop.
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { RpcLimits } from './limits.ts';
import { Outbox } from './outbox.ts';
import { readTextFrames, writeTextFrame } from './textFrame.ts';

/** RFC 6455, section 7.4.1: this kind of data is not accepted. */
const UNSUPPORTED_DATA = 1003;

/** Messages share a frame up to this many code units, far below the limit of a frame. */
const SHARED_FRAME_LENGTH = 64 * 1024;

export class LinkSocket {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #isDialer: boolean;
  readonly #limits: RpcLimits;
  readonly #outbox = new Outbox<string>((texts) => this.#deliver(texts));

  /** `ws` is open over `socket`; `isDialer` says which end this is. */
  constructor(ws: WebSocket, socket: Socket, isDialer: boolean, limits: RpcLimits) {
    this.#ws = ws;
    this.#socket = socket;
    this.#isDialer = isDialer;
    this.#limits = limits;
    socket.setNoDelay(true);
  }

  /** To be called at once when the socket is open: nothing has been read of it then. */
  listen(onFrame: (text: string) => void, onClose: () => void): void {
    this.#readSimple(onFrame);
    this.#ws.on('message', (data, isBinary) => {
      if (isBinary) this.#ws.close(UNSUPPORTED_DATA, 'text frames only');
      else onFrame(data.toString());
    });
    this.#ws.on('error', () => this.#ws.terminate());
    this.#ws.on('close', onClose);
  }

  /**
   * Reads chunks of simple frames itself. From the first other chunk on, ws reads: it has begun
   * nothing until then.
   */
  #readSimple(onFrame: (text: string) => void): void {
    const socket = this.#socket;
    const readers = socket.listeners('data') as ((chunk: Buffer) => void)[];
    const read = (chunk: Buffer): void => {
      const texts = readTextFrames(chunk, !this.#isDialer, this.#limits.messageBytes);
      if (texts !== undefined) {
        for (const text of texts) onFrame(text);
        return;
      }
      socket.off('data', read);
      for (const reader of readers) {
        socket.on('data', reader);
        reader.call(socket, chunk);
      }
    };
    socket.removeAllListeners('data').on('data', read);
  }

  /** Sends one message, a JSON text, at the end of this turn. */
  send(text: string): void {
    this.#outbox.add(text);
  }

  /** Discards all messages that are not sent yet. */
  terminate(): void {
    this.#ws.terminate();
  }

  #deliver(texts: string[]): void {
    if (texts.length === 1) {
      this.#write(texts);
      return;
    }
    let first = 0;
    let length = 0;
    for (const [index, text] of texts.entries()) {
      if (index > first && length + text.length > SHARED_FRAME_LENGTH) {
        this.#write(texts.slice(first, index));
        first = index;
        length = 0;
      }
      length += text.length;
    }
    this.#write(first === 0 ? texts : texts.slice(first));
  }

  /** Drops the socket if the peer reads so slowly that too many bytes are buffered. */
  #write(texts: string[]): void {
    const [only = ''] = texts;
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#ws.bufferedAmount > this.#limits.bufferedBytes) this.#ws.terminate();
    else {
      const text = texts.length === 1 ? only : `[${texts.join(',')}]`;
      this.#socket.write(writeTextFrame(text, this.#isDialer), 'latin1');
    }
  }
}
