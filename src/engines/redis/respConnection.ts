// A connection to a server of Redis, opened when it is needed. Replies come in the order of the
// requests.
import { connect, type Socket } from 'node:net';
import { CallError } from '../../kernel/errors.ts';
import { startTimer } from '../../rpc/monotonic.ts';
import { toCallError } from './errors.ts';
import { encodeRequest, type Reply, ReplyReader, RespError } from './resp.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: CallError): void;
}

export class RespConnection {
  readonly #address: () => Address | undefined;
  #socket: Socket | undefined;
  #isOpen = false;
  #waiting: Waiting[] = [];

  /** `address` is that of the server now; undefined while it does not run. */
  constructor(address: () => Address | undefined) {
    this.#address = address;
  }

  /**
   * Settles once. Rejects with ERR_NOT_CONNECTED if nothing was sent, with ERR_UNREACHABLE if no
   * reply came, and with Redis's own error (errors.ts).
   */
  send(words: readonly (string | number)[], timeoutMs: number): Promise<Reply> {
    const address = this.#address();
    if (address === undefined) return Promise.reject(new CallError('ERR_NOT_CONNECTED'));
    const socket = this.#socket ?? this.#open(address);
    return new Promise((resolve, reject) => {
      const cancel = startTimer(timeoutMs, () => {
        reject(new CallError('ERR_UNREACHABLE', `no answer in ${Math.round(timeoutMs)} ms`));
      });
      this.#waiting.push({
        resolve: (reply) => {
          cancel();
          if (reply instanceof RespError) reject(toCallError(reply.text));
          else resolve(reply);
        },
        reject: (error) => {
          cancel();
          reject(error);
        },
      });
      socket.write(encodeRequest(words));
    });
  }

  /** Ends it; requests under way get no answer. */
  close(): void {
    this.#socket?.destroy();
    this.#ended('the connection was closed');
  }

  #open(address: Address): Socket {
    const socket = connect({ ...address, noDelay: true });
    const reader = new ReplyReader();
    this.#socket = socket;
    this.#isOpen = false;
    const end = (why: string): void => {
      if (this.#socket === socket) this.#ended(why);
    };
    socket.once('connect', () => {
      this.#isOpen = true;
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const reply of reader.take(chunk)) this.#waiting.shift()?.resolve(reply);
      } catch (error) {
        socket.destroy();
        end((error as Error).message);
      }
    });
    socket.once('error', (error) => end(error.message));
    socket.once('close', () => end('the connection was closed'));
    return socket;
  }

  #ended(why: string): void {
    const [waiting, isOpen] = [this.#waiting, this.#isOpen];
    this.#waiting = [];
    this.#socket = undefined;
    const code = isOpen ? 'ERR_UNREACHABLE' : 'ERR_NOT_CONNECTED';
    for (const { reject } of waiting) reject(new CallError(code, why));
  }
}
