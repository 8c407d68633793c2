// One WebSocket of a link. What is sent within one turn of the event loop leaves in one write.
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** RFC 6455, section 7.4.1: the data's kind is not one that we take. */
const UNSUPPORTED_DATA = 1003;

export class LinkSocket {
  readonly #ws: WebSocket;
  readonly #socket: Socket;
  readonly #bufferedBytes: number;
  #corked = false;
  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
  };

  /** `ws` is open over `socket`. */
  constructor(ws: WebSocket, socket: Socket, bufferedBytes: number) {
    this.#ws = ws;
    this.#socket = socket;
    this.#bufferedBytes = bufferedBytes;
    socket.setNoDelay(true);
  }

  listen(onFrame: (text: string) => void, onClose: () => void): void {
    this.#ws.on('message', (data, isBinary) => {
      if (isBinary) this.#ws.close(UNSUPPORTED_DATA, 'text frames only');
      else onFrame(data.toString());
    });
    this.#ws.on('error', () => this.#ws.terminate());
    this.#ws.on('close', onClose);
  }

  /** Drops the socket when the peer has not read for so long that too much waits for it. */
  send(text: string): void {
    if (this.#ws.bufferedAmount > this.#bufferedBytes) {
      this.#ws.terminate();
      return;
    }
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      process.nextTick(this.#uncork);
    }
    this.#ws.send(text);
  }

  /** Nothing that was not sent yet travels any more. */
  terminate(): void {
    this.#ws.terminate();
  }
}
