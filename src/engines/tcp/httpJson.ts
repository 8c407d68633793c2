// Calls of an HTTP interface that takes and gives JSON, over connections that stay open.
import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request,
} from 'node:http';
import { CallError } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';
import { startTimer } from '../../rpc/monotonic.ts';

/** The maximum bytes of an answer: a hundred values of the maximum size, in base64, are less. */
const MOST_BYTES = 160 * 1024 * 1024;

export interface HttpAnswer {
  readonly status: number;
  /** Undefined if the body is no JSON. */
  readonly body: Json | undefined;
}

export class HttpJson {
  readonly #base: URL;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #open = new Set<ClientRequest>();

  readonly #mostBytes: number;

  constructor(base: string, mostBytes = MOST_BYTES) {
    this.#base = new URL(base);
    this.#mostBytes = mostBytes;
  }

  /**
   * Settles once. Rejects with ERR_NOT_CONNECTED if nothing was sent, and with ERR_UNREACHABLE if
   * no answer came for any other reason, or one that is too long.
   */
  post(path: string, body: Json, timeoutMs: number): Promise<HttpAnswer> {
    const payload = Buffer.from(JSON.stringify(body));
    const headers = { 'content-type': 'application/json', 'content-length': payload.length };
    return this.#call(path, { method: 'POST', headers }, timeoutMs, payload);
  }

  /** As `post`. */
  get(path: string, timeoutMs: number): Promise<HttpAnswer> {
    return this.#call(path, { method: 'GET' }, timeoutMs);
  }

  #call(
    path: string,
    options: RequestOptions,
    timeoutMs: number,
    payload?: Buffer,
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const call = request(new URL(path, this.#base), { ...options, agent: this.#agent });
      this.#open.add(call);
      const cancel = startTimer(timeoutMs, () => {
        call.destroy(new Error(`no answer in ${Math.round(timeoutMs)} ms`));
      });
      let isAnswered = false;
      call.once('close', () => {
        cancel();
        this.#open.delete(call);
        if (!isAnswered) reject(new CallError('ERR_UNREACHABLE', 'the connection was closed'));
      });
      call.once('error', (error: NodeJS.ErrnoException) => {
        const isUnsent = error.code === 'ECONNREFUSED';
        reject(new CallError(isUnsent ? 'ERR_NOT_CONNECTED' : 'ERR_UNREACHABLE', error.message));
      });
      call.once('response', (response) => {
        isAnswered = true;
        void readAll(response, this.#mostBytes).then(resolve, reject);
      });
      call.end(payload);
    });
  }

  /** Ends all calls under way, which get no answer. */
  close(): void {
    for (const call of this.#open) call.destroy();
    this.#agent.destroy();
  }
}

async function readAll(response: IncomingMessage, mostBytes: number): Promise<HttpAnswer> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      length += part.length;
      // The end of the loop closes the connection.
      if (length > mostBytes) throw new Error(`an answer of more than ${mostBytes} bytes`);
      parts.push(part);
    }
  } catch (error) {
    throw new CallError('ERR_UNREACHABLE', (error as Error).message);
  }
  const status = response.statusCode ?? 0;
  try {
    return { status, body: JSON.parse(Buffer.concat(parts).toString()) as Json };
  } catch {
    return { status, body: undefined };
  }
}
