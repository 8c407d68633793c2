// One life of a client, which lives in the master: asks one of its servers, and waits for the
// reply.
import type { NodeSpec } from '../../kernel/cluster.ts';
import type { Answer } from '../../kernel/control.ts';
import type { Cancel } from '../../kernel/env.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import { createRandomStream, type RandomStream } from '../../kernel/random.ts';
import { ServerChoice } from '../../replication/serverChoice.ts';
import { startTimer } from '../../rpc/monotonic.ts';
import type { LifeEvents } from '../world/lifeEvents.ts';
import { NO_REPLY, NOT_SENT, type Request, toAnswer, toBody } from './answers.ts';
import type { Ledger } from './ledger.ts';
import { type Body, nameOfClient, replyNumber } from './wire.ts';

export interface ClientSetup {
  readonly spec: NodeSpec;
  readonly seed: number;
  readonly events: LifeEvents;
  readonly asNumbers: boolean;
  /** Shared by all clients of the run. */
  readonly ledger: Ledger;
  /**
   * Sends a request on its way; `name` is that of the message in the trace. False if it certainly
   * does not arrive.
   */
  send(client: ClientNode, server: NodeId, body: Body, name: string, line?: number): boolean;
}

interface Waiting {
  readonly request: Request;
  readonly server: NodeId;
  readonly name: string;
  readonly line: number | undefined;
  readonly cancel: Cancel;
  readonly settle: (answer: Answer) => void;
}

export class ClientNode {
  readonly spec: NodeSpec;
  readonly name: string;
  readonly events: LifeEvents;
  readonly #setup: ClientSetup;
  readonly #servers = new ServerChoice();
  readonly #random: RandomStream;
  readonly #waiting = new Map<number, Waiting>();

  constructor(setup: ClientSetup) {
    const { spec, seed, events } = setup;
    this.#setup = setup;
    this.spec = spec;
    this.events = events;
    this.name = nameOfClient(spec.id);
    this.#random = createRandomStream(seed, `client ${spec.id}.${spec.incarnation}`);
  }

  connected(server: NodeId): void {
    this.#servers.connected(server);
  }

  /** Open requests to the server get no reply any more. */
  disconnected(server: NodeId): void {
    this.#servers.disconnected(server);
    this.gaveUp(server);
  }

  /** As `disconnected`, but the server may be asked again. */
  gaveUp(server: NodeId): void {
    for (const waiting of [...this.#waiting.values()]) {
      if (waiting.server === server) waiting.settle(NO_REPLY);
    }
  }

  /** Settles once, by the deadline of an operation. */
  async operate(request: Request, line?: number): Promise<Answer> {
    const choice = this.#servers.choose([], this.#random);
    if (choice === undefined) return NOT_SENT;
    const { server, of } = choice;
    if (of.length > 1) this.events.noted('choose', { server, of: [...of] }, line);
    const id = this.#setup.ledger.next(this.spec.id);
    const name = this.events.nextName();
    return new Promise((resolve) => {
      const settle = (answer: Answer): void => {
        cancel();
        this.#waiting.delete(id);
        resolve(answer);
      };
      const cancel = startTimer(OPERATION_DEADLINE_MS, () => settle(NO_REPLY));
      this.#waiting.set(id, { request, server, name, line, cancel, settle });
      const body = toBody(request, id, this.#setup.asNumbers);
      if (!this.#setup.send(this, server, body, name, line)) settle(NOT_SENT);
    });
  }

  /** The open request that a message replies to. */
  find(body: Body): Omit<Waiting, 'cancel' | 'settle'> | undefined {
    return this.#waiting.get(replyNumber(body) ?? 0);
  }

  /**
   * Takes a reply; false if no open request waits for it. It may come from another server than the
   * one that was asked, which has passed the request on.
   */
  receive(server: NodeId, body: Body): boolean {
    const number = replyNumber(body) ?? 0;
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return false;
    const answer = toAnswer(waiting.request, server, body);
    this.#setup.ledger.tell(this.spec.id, number, waiting.request, answer);
    waiting.settle(answer);
    return true;
  }

  /** Ends its life: open requests get no answer that counts. */
  end(): void {
    for (const { settle } of [...this.#waiting.values()]) settle(NO_REPLY);
  }
}
