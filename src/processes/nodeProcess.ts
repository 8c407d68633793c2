// The master's end of one child process: starts it, calls it over the IPC channel, ends it.
import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import { type Death, EnvironmentError } from '../kernel/cluster.ts';
import { CallError } from '../kernel/errors.ts';
import type { Role } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { TraceEvent } from '../kernel/trace.ts';
import { WORLD } from '../rpc/assignment.ts';
import { EXIT_BUG } from '../rpc/lifetime.ts';
import { Outbox } from '../rpc/outbox.ts';
import { PendingCalls } from '../rpc/pendingCalls.ts';
import { toRpcError } from '../rpc/rpcErrors.ts';
import { isScarcity } from '../rpc/scarcity.ts';
import { isQuestion, type Question, type Settled } from '../rpc/settling.ts';
import { childEnvironment } from './childEnvironment.ts';
import type { LifeTrace } from './lifeTrace.ts';

/** The programs that run as processes of their own. */
export type Program = Role | 'guard';

/** Disables `__proto__`, so that no input can reach a prototype by that name. */
const NODE_OPTIONS = ['--disable-proto=throw'];

/**
 * File descriptors per start: both ends of the channel, and two through which the system reports.
 */
const DESCRIPTORS_PER_START = 6;

type Execa = typeof import('execa')['execa'];
type Child = ReturnType<typeof spawnProgram>;

let loading: Promise<Execa> | undefined;

/** Starts to load the code for starting processes, so that the first start need not wait for it. */
export function loadExeca(): Promise<Execa> {
  loading ??= import('execa').then(({ execa }) => execa);
  return loading;
}

/**
 * The folder of the built programs: that of the built master, whatever the working directory is.
 */
export function findBundles(): string {
  const isSource = import.meta.url.endsWith('.ts');
  return dirname(fileURLToPath(new URL(isSource ? '../../dist/x' : 'x', import.meta.url)));
}

/**
 * The stderr of a child joins the master's stderr, so that it never mixes with the answers on
 * stdout. The channel is Node's own: execa's `ipc` would read every message a second time, one turn
 * later.
 */
function spawnProgram(execa: Execa, file: string, detached: boolean) {
  return execa(process.execPath, [...NODE_OPTIONS, file], {
    stdio: ['ignore', 2, 2, 'ipc'],
    env: childEnvironment(process.env),
    extendEnv: false,
    serialization: 'json',
    buffer: false,
    reject: false,
    cleanup: false,
    detached,
  });
}

/**
 * Throws EnvironmentError if too few file descriptors are left to start a process. Without any,
 * Node gives execa a child without streams, and execa then fails in a way that cannot be caught.
 */
function assertDescriptors(program: Program): void {
  const opened: number[] = [];
  try {
    while (opened.length < DESCRIPTORS_PER_START) opened.push(openSync('/dev/null', 'r'));
  } catch (error) {
    const { message } = error as Error;
    throw new EnvironmentError('E_LIMIT', `cannot start a ${program} process: ${message}`);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}

/** What an answer of a client says besides its result. */
interface Carrying {
  readonly settled?: readonly Settled[];
}

export class NodeProcess {
  readonly program: Program;
  /** Resolves with the reason when the process has ended, for whatever cause. */
  readonly gone: Promise<Pick<Death, 'why' | 'isBug'>>;
  /** Gets the events of the node, and the lines that caused calls; undefined without a trace. */
  trace: LifeTrace | undefined;
  /** Answers the calls of the process to the configuration service; may reject with a CallError. */
  onServiceCall: (params: unknown) => Promise<Json> = () =>
    Promise.reject(new CallError('ERR_UNREACHABLE', 'no service here'));
  readonly #child: Child;
  /** Gets the answer to a question for which `answerTo` was not called yet. */
  onEarlyAnswer: (answer: JSONRPCResponse) => void = () => undefined;
  readonly #calls: PendingCalls;
  /** The questions that have reached the process with operations (rpc/settling.ts). */
  readonly #carried = new PendingCalls(() => undefined);
  /** By call number: what the answer says about questions. */
  readonly #settled = new Map<number, readonly Settled[]>();
  readonly #outbox = new Outbox<object>((messages) => this.#send(messages));
  #count = 0;
  #isGone = false;

  private constructor(program: Program, child: Child) {
    this.program = program;
    this.#child = child;
    this.#calls = new PendingCalls((request) => this.#outbox.add(request));
    child.on('message', (messages) => {
      for (const message of messages as unknown as object[]) this.#receive(message);
    });
    child.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#isGone = true;
        const why = signal === null ? `exit status ${code}` : `signal ${signal}`;
        this.#calls.failAll(`the process ended: ${why}`);
        this.#carried.failAll(`the process ended: ${why}`);
        resolve({ why, isBug: code === EXIT_BUG });
      });
    });
  }

  /** Rejects with EnvironmentError if the system refuses. */
  static async start(program: Program, bundles: string): Promise<NodeProcess> {
    const execa = await loadExeca();
    assertDescriptors(program);
    // A signal to the master's process group must not end the one that cleans up after it.
    const isDetached = program === 'guard';
    const child = spawnProgram(execa, `${bundles}/${program}.cjs`, isDetached);
    if (child.pid !== undefined) return new NodeProcess(program, child);
    const failure = await child;
    const kind = isScarcity(failure) ? 'E_LIMIT' : 'E_SPAWN';
    const why = `cannot start a ${program} process: ${failure.originalMessage}`;
    throw new EnvironmentError(kind, why);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Settles once: with the answer, or with a CallError. `line` is only for the trace. */
  async call(method: string, params: unknown, timeoutMs: number, line?: number): Promise<Json> {
    if (this.#isGone) throw new CallError('ERR_UNREACHABLE', 'the process has ended');
    this.#count += 1;
    if (line !== undefined) this.trace?.called(this.#count, line);
    return (await this.#calls.call(this.#count, method, params, timeoutMs)) as Json;
  }

  /** As `call`, for an operation that carries a question; also what servers said about it. */
  async operate(
    question: Question,
    method: string,
    params: unknown,
    timeoutMs: number,
  ): Promise<{ readonly result: Json; readonly settled: readonly Settled[] }> {
    if (this.#isGone) throw new CallError('ERR_UNREACHABLE', 'the process has ended');
    this.#count += 1;
    const id = this.#count;
    try {
      const result = (await this.#calls.call(id, method, params, timeoutMs, question)) as Json;
      return { result, settled: this.#settled.get(id) ?? [] };
    } finally {
      this.#settled.delete(id);
    }
  }

  /**
   * Settles as `call` does, with the answer to a question that has reached the process with an
   * operation; `early` is the answer if it has come already.
   */
  async answerTo(question: Question, timeoutMs: number, early?: JSONRPCResponse): Promise<Json> {
    if (this.#isGone) throw new CallError('ERR_UNREACHABLE', 'the process has ended');
    const answer = this.#carried.call(question, 'settle', {}, timeoutMs);
    if (early !== undefined) this.#carried.receive(early);
    return (await answer) as Json;
  }

  /** Lets a process that has no node yet load the protocol that it will run. */
  prepare(protocol: string): void {
    this.#outbox.add({ jsonrpc: '2.0', method: WORLD.prepare, params: { protocol } });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  /** Ends the process at once. Resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.#isGone) this.#child.kill('SIGKILL');
    await this.gone;
  }

  #send(messages: object[]): void {
    // The exit event handles a channel that closes at this moment.
    if (this.#child.connected) this.#child.send?.(messages, () => undefined);
  }

  #receive(message: unknown): void {
    type Sent = { method?: string; params?: { events: TraceEvent[] } };
    const { method, params } = message as Sent;
    if (method === undefined) this.#resolve(message as JSONRPCResponse & Carrying);
    else if (method === WORLD.callService) void this.#answerService(message as JSONRPCRequest);
    else if (method === WORLD.trace && params !== undefined) this.trace?.told(params.events);
  }

  #resolve(response: JSONRPCResponse & Carrying): void {
    const { id, settled } = response;
    if (isQuestion(id)) {
      if (!this.#carried.receive(response)) this.onEarlyAnswer(response);
      return;
    }
    if (settled !== undefined) this.#settled.set(Number(id), settled);
    this.#calls.receive(response);
  }

  /** An error other than a CallError is a bug of the service, and ends the master. */
  async #answerService({ id, params }: JSONRPCRequest): Promise<void> {
    const answer = await this.onServiceCall(params).then(
      (result) => ({ result }),
      (error: unknown) => {
        if (!(error instanceof CallError)) throw error;
        return { error: toRpcError(error) };
      },
    );
    this.#outbox.add({ jsonrpc: '2.0', id, ...answer });
  }
}
