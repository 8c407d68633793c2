// One life of a server: its program, the messages that it writes, and the questions of the master
// that it has to answer.
import type { NodeSpec } from '../../kernel/cluster.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { CallError } from '../../kernel/errors.ts';
import { MESSAGE_BYTES } from '../../kernel/limits.ts';
import { ForeignProgram, type ForeignSetup } from '../../processes/foreignProgram.ts';
import { monotonicMs, startTimer } from '../../rpc/monotonic.ts';
import type { LifeEvents } from '../world/lifeEvents.ts';
import { Complaints } from './complaints.ts';
import { LineSplitter } from './lineSplitter.ts';
import { RequestNames } from './requestNames.ts';
import {
  type Body,
  MASTER_NAME,
  type Message,
  nameOfServer,
  type Refusal,
  readMessage,
  replyNumber,
  writeMessage,
} from './wire.ts';

/** A program that does not read loses what is sent to it beyond this. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
/** So long a program may keep the master busy before others, timers and signals have a turn. */
const TURN_MS = 5;
/** A program is not read on while so much of what it has sent is delayed on links. */
const MOST_DELAYED_BYTES = 4 * 1024 * 1024;

export interface NodeSetup extends Pick<ForeignSetup, 'command' | 'guard' | 'mark' | 'onLog'> {
  readonly spec: NodeSpec;
  readonly events: LifeEvents;
  /** Gets each message that the program sends to others. */
  onMessage(node: ServerNode, message: Message): void;
  warn(text: string): void;
}

const SHOWN_CHARACTERS = 80;

interface Question {
  readonly settle: (answer: Body | CallError) => void;
}

export class ServerNode {
  readonly spec: NodeSpec;
  readonly name: string;
  readonly events: LifeEvents;
  readonly complaints: Complaints;
  /** How many messages it has sent and received, and how many of its own did not arrive in time. */
  readonly counts = { sent: 0, received: 0, dropped: 0, late: 0 };
  /** Of the messages that it may reply to. */
  readonly requests = new RequestNames();
  /** Whether it has left a look without an answer. */
  isSilent = false;
  isPaused = false;
  isOrdered = false;
  /** Whether it has answered a `dump`; undefined before it was asked. */
  dumps: boolean | undefined;
  readonly #setup: NodeSetup;
  readonly #splitter = new LineSplitter(MESSAGE_BYTES);
  readonly #questions = new Map<number, Question>();
  #program: ForeignProgram | undefined;
  #asked = 0;
  #delayedBytes = 0;
  #isOverdelayed = false;
  #hasWritten = false;
  /** What was read, and not looked at yet; with that the program is not read on. */
  readonly #chunks: Buffer[] = [];
  #lines: Iterator<Buffer | 'too long'> | undefined;

  constructor(setup: NodeSetup) {
    this.#setup = setup;
    this.spec = setup.spec;
    this.events = setup.events;
    this.name = nameOfServer(setup.spec.id);
    this.complaints = new Complaints(`server ${setup.spec.id}`, setup.warn);
  }

  /**
   * Starts the program, and resolves when it has answered `init`. Rejects with an EnvironmentError,
   * and then no process is left.
   */
  async start(names: readonly string[], withinMs: number): Promise<void> {
    const { command, guard, mark, onLog } = this.#setup;
    const name = `server ${this.spec.id}`;
    const program = await ForeignProgram.start({
      ...{ command, name, guard, mark, ...(onLog && { onLog }) },
      onOutput: (chunk) => this.#read(chunk),
    });
    this.#program = program;
    this.#hold();
    void program.gone.then((why) => this.#failQuestions(`the program ended: ${why}`));
    try {
      const body = { type: 'init', node_id: this.name, node_ids: [...names] };
      const answer = await this.ask(body, withinMs);
      if (answer.type === 'init_ok') return;
      throw new CallError('ERR_UNREACHABLE', `init was answered with ${JSON.stringify(answer)}`);
    } catch (error) {
      const why = program.isGone
        ? `ended (${await program.gone}) before it answered init`
        : whyNoInit(error, withinMs);
      const hints = program.isGone ? [] : this.#hints();
      await this.kill();
      const told = [...this.complaints.summary(), ...hints, ...quoted(program.lastLines)];
      const seen = told.join('; ');
      throw new EnvironmentError('E_SPAWN', `${name} ${why}; ${seen}`);
    }
  }

  get isRunning(): boolean {
    return this.#program?.isGone === false;
  }

  /** Resolves with the reason when the program has ended. */
  get gone(): Promise<string> {
    return this.#running.gone;
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** What a user should know of its end: what it wrote last. */
  get lastWords(): string[] {
    const open = this.#splitter.isInLine ? ['its last message has no end of line'] : [];
    return [...open, ...quoted(this.#running.lastLines)];
  }

  /** What a node that is not ready may have forgotten. */
  #hints(): string[] {
    if (this.#splitter.isInLine) return ['the line that it has written has no end yet'];
    return this.#hasWritten ? [] : ['it wrote nothing to stdout (does it flush its stdout?)'];
  }

  get #running(): ForeignProgram {
    if (this.#program === undefined) throw new CallError('ERR_UNREACHABLE', 'not started');
    return this.#program;
  }

  /** Gives the program a line. False, and no effect, if it has too much to read already. */
  deliver(line: string): boolean {
    // It may have written to itself before it was asked anything.
    if (this.#program === undefined) return true;
    if (this.#running.waitingBytes > MOST_WAITING_BYTES) return false;
    this.counts.received += 1;
    this.#running.send(line);
    return true;
  }

  /** So many bytes of its messages are delayed on links, or (negative) not any more. */
  delay(bytes: number): void {
    this.#delayedBytes += bytes;
    const limit = bytes > 0 ? MOST_DELAYED_BYTES : MOST_DELAYED_BYTES / 2;
    this.#isOverdelayed = this.#delayedBytes > limit;
    this.#hold();
  }

  /** Settles once: with the body of the reply, an error's too, or with a CallError. */
  ask(body: Body, timeoutMs: number): Promise<Body> {
    if (this.#running.isGone) {
      return Promise.reject(new CallError('ERR_UNREACHABLE', 'the program has ended'));
    }
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      const cancel = startTimer(timeoutMs, () =>
        settle(new CallError('ERR_UNREACHABLE', `no answer in ${timeoutMs} ms`)),
      );
      const settle: Question['settle'] = (answer) => {
        cancel();
        this.#questions.delete(id);
        if (answer instanceof CallError) reject(answer);
        else resolve(answer);
      };
      this.#questions.set(id, { settle });
      this.deliver(writeMessage(MASTER_NAME, this.name, { ...body, msg_id: id }));
    });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#running.signal(signal);
  }

  /** Ends the program at once. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.isOrdered = true;
    await this.#program?.kill();
  }

  #hold(): void {
    const isBusy = this.#lines !== undefined;
    if (this.#program?.isGone === false) this.#program.holdOutput(isBusy || this.#isOverdelayed);
  }

  #read(chunk: Buffer): void {
    this.#hasWritten = true;
    this.#chunks.push(chunk);
    if (this.#lines === undefined) this.#takeLines();
  }

  /** Looks at lines for a turn, and goes on in the next one. */
  #takeLines(): void {
    if (this.isOrdered) return;
    const lines = this.#lines ?? this.#chunkLines();
    const until = monotonicMs() + TURN_MS;
    let next = lines.next();
    while (next.done !== true) {
      this.#takeLine(next.value);
      if (monotonicMs() > until) break;
      next = lines.next();
    }
    const wasBusy = this.#lines !== undefined;
    this.#lines = next.done === true ? undefined : lines;
    if (this.#lines !== undefined) setImmediate(() => this.#takeLines());
    if (wasBusy !== (this.#lines !== undefined)) this.#hold();
  }

  *#chunkLines(): Generator<Buffer | 'too long'> {
    for (let chunk = this.#chunks.shift(); chunk; chunk = this.#chunks.shift()) {
      yield* this.#splitter.take(chunk);
    }
  }

  #takeLine(line: Buffer | 'too long'): void {
    if (line === 'too long') {
      this.complaints.add('noMessage', `it is longer than ${MESSAGE_BYTES} bytes`);
    } else if (line.length > 0) this.#take(readMessage(line));
  }

  #take(message: Message | Refusal): void {
    if (typeof message === 'function') this.complaints.add('noMessage', message);
    else if (message.dest === MASTER_NAME && message.src === this.name)
      this.#answered(message.body);
    else {
      this.counts.sent += 1;
      this.#setup.onMessage(this, message);
    }
  }

  /** A reply that no question waits for any more is ignored. */
  #answered(body: Body): void {
    const number = replyNumber(body);
    if (number === undefined) {
      this.complaints.add('noReference', () => JSON.stringify(body).slice(0, SHOWN_CHARACTERS));
    } else this.#questions.get(number)?.settle(body);
  }

  #failQuestions(why: string): void {
    const error = new CallError('ERR_UNREACHABLE', why);
    for (const { settle } of [...this.#questions.values()]) settle(error);
  }
}

function whyNoInit(error: unknown, withinMs: number): string {
  if (!(error instanceof CallError)) throw error;
  return error.detail?.startsWith('no answer')
    ? `did not answer init within ${withinMs} ms`
    : `is not ready: ${error.detail}`;
}

/** Lines of a program's stderr, for a message. */
function quoted(lines: readonly string[]): string[] {
  return lines.length === 0
    ? ['it wrote nothing to stderr']
    : lines.map((line) => `stderr: ${line}`);
}
