// Calls of an HTTP interface that takes and gives JSON, over connections that stay open.
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { CallError } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import { startTimer } from '../rpc/monotonic.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Undefined if the body is no JSON. */
  readonly body: Json | undefined;
}

export class HttpJson {
  readonly #base: URL;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #open = new Set<ClientRequest>();

  constructor(base: string) {
    this.#base = new URL(base);
  }

  /**
   * Settles once. Rejects with ERR_NOT_CONNECTED if nothing was sent, and with ERR_UNREACHABLE if
   * no answer came for any other reason.
   */
  post(path: string, body: Json, timeoutMs: number): Promise<HttpAnswer> {
    const payload = Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': payload.length };
      const options = { method: 'POST', headers, agent: this.#agent };
      const call = request(new URL(path, this.#base), options);
      this.#open.add(call);
      const cancel = startTimer(timeoutMs, () => {
        call.destroy(new Error(`no answer in ${Math.round(timeoutMs)} ms`));
      });
      call.once('close', () => {
        cancel();
        this.#open.delete(call);
      });
      call.once('error', (error: NodeJS.ErrnoException) => {
        const isUnsent = error.code === 'ECONNREFUSED';
        reject(new CallError(isUnsent ? 'ERR_NOT_CONNECTED' : 'ERR_UNREACHABLE', error.message));
      });
      call.once('response', (response) => void readAll(response).then(resolve, reject));
      call.end(payload);
    });
  }

  /** Ends all calls under way, which get no answer. */
  close(): void {
    for (const call of this.#open) call.destroy();
    this.#agent.destroy();
  }
}

async function readAll(response: IncomingMessage): Promise<HttpAnswer> {
  const parts: Buffer[] = [];
  try {
    for await (const part of response) parts.push(part as Buffer);
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
