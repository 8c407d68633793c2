// A session on a server of PostgreSQL, opened when it is needed. Statements are done one after the
// other.
import { Socket } from 'node:net';
import { CallError } from '../../kernel/errors.ts';
import { monotonicMs, startTimer } from '../../rpc/monotonic.ts';
import { type ClientConfig, type DriverClient, loadDriver } from './driver.ts';
import { type Report, saysNotCopied, toCallError } from './errors.ts';
import { NOT_POSTGRES, type Row, type Statement, toRow } from './statements.ts';

interface Open {
  readonly client: DriverClient;
  readonly socket: Socket;
  /** Rejects at its end. */
  readonly gone: Promise<never>;
}

export class Session {
  readonly #target: () => ClientConfig | undefined;
  #open: Open | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closings = 0;

  /** `target` is where the server is now; undefined while it does not run. */
  constructor(target: () => ClientConfig | undefined) {
    this.#target = target;
  }

  /**
   * Settles once. Rejects with ERR_NOT_CONNECTED if nothing was sent, with ERR_UNREACHABLE if no
   * answer came, and with PostgreSQL's own error (errors.ts).
   */
  async ask(statement: Statement, timeoutMs: number): Promise<Row> {
    const { text, values } = statement;
    return toRow(await this.query(text, timeoutMs, values));
  }

  /** Whether the server takes no writes. Rejects as `ask` does. */
  async isStandby(timeoutMs: number): Promise<boolean> {
    const [row] = await this.query('SELECT pg_is_in_recovery() AS waits', timeoutMs);
    const { waits } = (row ?? {}) as { waits?: unknown };
    if (typeof waits === 'boolean') return waits;
    throw new CallError('ERR_UNREACHABLE', NOT_POSTGRES);
  }

  /** As `ask`, of any statement: its rows. */
  query(text: string, timeoutMs: number, values: readonly string[] = []): Promise<unknown[]> {
    const [until, closings] = [monotonicMs() + timeoutMs, this.#closings];
    const done = this.#last.then(async () => {
      if (this.#closings !== closings) throw new CallError('ERR_NOT_CONNECTED', 'it was closed');
      const open = this.#open ?? (await this.#connect(until));
      return this.#exchange(open, until, text, values);
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Ends it; a statement under way gets no answer, and those that wait are not sent. */
  close(): void {
    this.#closings += 1;
    this.#drop();
  }

  #drop(): void {
    this.#open?.socket.destroy();
    this.#open = undefined;
  }

  async #connect(until: number): Promise<Open> {
    const target = this.#target();
    if (target === undefined) throw new CallError('ERR_NOT_CONNECTED', 'it does not run');
    const Client = await loadDriver();
    const socket = new GuardedSocket();
    const forget = (): void => {
      if (this.#open?.socket === socket) this.#open = undefined;
      socket.destroy();
    };
    try {
      const client = new Client({ ...target, stream: () => socket });
      const gone = new Promise<never>((_resolve, reject) => {
        client.on('end', () => reject(new Error('the connection was closed')));
      });
      gone.catch(forget);
      client.on('error', forget);
      const open: Open = { client, socket, gone };
      this.#open = open;
      await before(until, Promise.race([client.connect(), gone]));
      // A user of theirs may have another setting, and then a warning (errors.ts) is not told.
      await before(until, Promise.race([client.query('SET client_min_messages TO warning'), gone]));
      return open;
    } catch (error) {
      forget();
      throw new CallError('ERR_NOT_CONNECTED', (error as Error).message || NOT_POSTGRES);
    }
  }

  async #exchange(
    { client, gone }: Open,
    until: number,
    text: string,
    values: readonly string[],
  ): Promise<unknown[]> {
    let isCopied = true;
    const hear = (notice: Report): void => {
      if (saysNotCopied(notice)) isCopied = false;
    };
    client.on('notice', hear);
    try {
      const done = client.query(text, [...values]);
      const { rows } = await before(until, Promise.race([done, gone]));
      if (isCopied) return rows;
    } catch (error) {
      const reported = toCallError(error as Report);
      if (reported.code === 'ERR_UNREACHABLE') this.#drop();
      throw reported;
    } finally {
      client.off('notice', hear);
    }
    const told = 'the wait for standbys was cancelled';
    throw new CallError('ERR_POSTGRES_NOT_COPIED', told, told);
  }
}

/** The driver throws where it hears what is not PostgreSQL's: then the connection ends. */
class GuardedSocket extends Socket {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    try {
      return super.emit(event, ...args);
    } catch (error) {
      this.destroy(new Error(NOT_POSTGRES, { cause: error }));
      return true;
    }
  }
}

/** Rejects if it has not settled by then. */
async function before<T>(until: number, settling: Promise<T>): Promise<T> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const leftMs = Math.max(0, until - monotonicMs());
    cancel = startTimer(leftMs, () => reject(new Error('no answer in time')));
  });
  try {
    return await Promise.race([settling, late]);
  } finally {
    cancel();
  }
}
