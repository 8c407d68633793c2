// The configuration service's side of membership: sends configurations until the servers have them,
// and makes inquiries about suspected and joining servers. The roster and the inquiry make every
// decision.
import type { NodeId } from '../kernel/ids.ts';
import type { ServiceEnv } from '../kernel/service.ts';
import { Announcer } from './announcer.ts';
import { inBackground, unlessCallError } from './background.ts';
import { Inquiry, type Roster } from './inquiry.ts';
import { HELLO_MS, RETRY_MS } from './timing.ts';

/** How the service calls servers, with the protocol's own messages. */
export interface Telling<C> {
  configure(server: NodeId, configuration: C): Promise<unknown>;
  reach(server: NodeId, peers: NodeId[]): Promise<NodeId[]>;
}

export class MembershipService<
  C extends { readonly epoch: number },
  R extends Roster & { configuration(): C },
> {
  readonly roster: R;
  readonly #env: Pick<ServiceEnv, 'after'>;
  readonly #telling: Telling<C>;
  readonly #announcer: Announcer<C>;
  readonly #inquiry = new Inquiry();
  #isInquiring = false;

  constructor(env: Pick<ServiceEnv, 'after'>, roster: R, telling: Telling<C>) {
    this.#env = env;
    this.roster = roster;
    this.#telling = telling;
    this.#announcer = new Announcer(env, {
      isDue: (id, { epoch }) => roster.epoch === epoch && roster.live.includes(id),
      configure: (id, configuration) => telling.configure(id, configuration),
      pauseMs: (id) => (this.#isIn(id) ? RETRY_MS : HELLO_MS),
      failed: (id, failures) => {
        if (failures > 1 && this.#isIn(id)) this.suspect(id);
      },
    });
  }

  /** Changes the roster. Sends the configuration to all servers if that made a new one. */
  change<T>(action: () => T): T {
    const { epoch } = this.roster;
    const result = action();
    if (this.roster.epoch !== epoch) this.#announce();
    return result;
  }

  /** Suspects a server. A suspicion removes no server: the service makes an inquiry first. */
  suspect(server: NodeId): void {
    this.#inquiry.suspect(server);
    this.#inquire();
  }

  /** A server waits to join. */
  wait(server: NodeId): void {
    this.#inquiry.wait(server);
    this.#inquire();
  }

  #announce(): void {
    this.#announcer.announce(this.roster.live, this.roster.configuration());
    if (this.#inquiry.hasWaiting) this.#inquire();
  }

  #isIn(id: NodeId): boolean {
    return this.roster.serving.includes(id) || this.roster.joiner === id;
  }

  /** Asks whether the serving servers reach each other, and whether waiting servers reach them. */
  #inquire(): void {
    if (this.#isInquiring) return;
    this.#isInquiring = true;
    inBackground(this.#env, async () => {
      while (this.#inquiry.hasSuspects || this.#inquiry.hasWaiting) {
        if (this.#inquiry.hasSuspects) await this.#inquireAboutSuspects();
        else if (!(await this.#takeIn())) break;
      }
      this.#isInquiring = false;
    });
  }

  async #inquireAboutSuspects(): Promise<void> {
    const { epoch } = this.roster;
    const { suspects, asked } = this.#inquiry.takeSuspects(this.roster);
    const answers = await Promise.all(
      asked.map(async (id) => [id, await this.#askReach(id, asked)] as const),
    );
    const cutOff = this.#inquiry.judge(this.roster, epoch, suspects, new Map(answers));
    this.change(() => this.roster.leaveOut(cutOff));
  }

  /** Lets the first waiting server join that can. False if there is none. */
  async #takeIn(): Promise<boolean> {
    if (this.roster.joiner !== undefined) return false;
    for (const id of this.#inquiry.waiting) {
      const { epoch } = this.roster;
      const others = this.#inquiry.takeWaiting(id, this.roster);
      const reached = await this.#askReach(id, others);
      const verdict = this.#inquiry.judgeWaiting(this.roster, epoch, id, others, reached);
      if (verdict === 'again') return true;
      if (verdict === 'join' && this.change(() => this.roster.beginJoin(id))) return true;
    }
    return false;
  }

  /** Undefined for a server that does not answer. */
  #askReach(id: NodeId, servers: readonly NodeId[]): Promise<NodeId[] | undefined> {
    const peers = servers.filter((server) => server !== id);
    return unlessCallError(this.#telling.reach(id, peers));
  }
}
