// One life of a server: its program, the messages that it writes, and the questions of the master
// that it has to answer.
import type { NodeSpec } from '../../kernel/cluster.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { CallError } from '../../kernel/errors.ts';
import { MESSAGE_BYTES } from '../../kernel/limits.ts';
import { ForeignProgram, type ForeignSetup } from '../../processes/foreignProgram.ts';
import { startTimer } from '../../rpc/monotonic.ts';
import type { LifeEvents } from '../lifeEvents.ts';
import { LineSplitter } from '../lineSplitter.ts';
import { Complaints } from './complaints.ts';
import { RequestNames } from './requestNames.ts';
import {
  type Body,
  MASTER_NAME,
  type Message,
  nameOfServer,
  readMessage,
  writeMessage,
} from './wire.ts';

/** A program that does not read loses what is sent to it beyond this. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
/** A program is not read on while so much of what it has sent is delayed on links. */
const MOST_DELAYED_BYTES = 4 * 1024 * 1024;

export interface NodeSetup extends Pick<ForeignSetup, 'command' | 'guard' | 'mark' | 'onLog'> {
  readonly spec: NodeSpec;
  readonly events: LifeEvents;
  /** Gets each message that the program sends to others. */
  onMessage(node: ServerNode, message: Message): void;
  warn(text: string): void;
}

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
      await this.kill();
      const seen = [...this.complaints.summary(), ...quoted(program.lastLines)].join('; ');
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

  get #running(): ForeignProgram {
    if (this.#program === undefined) throw new CallError('ERR_UNREACHABLE', 'not started');
    return this.#program;
  }

  /** Gives the program a line. False, and no effect, if it has too much to read already. */
  deliver(line: string): boolean {
    if (this.#running.waitingBytes > MOST_WAITING_BYTES) return false;
    this.counts.received += 1;
    this.#running.send(line);
    return true;
  }

  /** So many bytes of its messages are delayed on links, or (negative) not any more. */
  delay(bytes: number): void {
    this.#delayedBytes += bytes;
    const limit = bytes > 0 ? MOST_DELAYED_BYTES : MOST_DELAYED_BYTES / 2;
    if (!this.#running.isGone) this.#running.holdOutput(this.#delayedBytes > limit);
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

  #read(chunk: Buffer): void {
    for (const line of this.#splitter.take(chunk)) {
      if (line === 'too long') {
        this.complaints.add('noMessage', `it is longer than ${MESSAGE_BYTES} bytes`);
      } else if (line.length > 0) this.#take(readMessage(line));
    }
  }

  #take(message: Message | string): void {
    if (typeof message === 'string') this.complaints.add('noMessage', message);
    else if (message.dest === MASTER_NAME && message.src === this.name)
      this.#answered(message.body);
    else {
      this.counts.sent += 1;
      this.#setup.onMessage(this, message);
    }
  }

  /** A reply that no question waits for is ignored. */
  #answered(body: Body): void {
    this.#questions.get(Number(body.in_reply_to))?.settle(body);
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
