// The configuration service: hears of deaths and silence, looks for itself, numbers configurations
// and tells them. It asks the roster for every decision.
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { ResultOf } from '../../kernel/messages.ts';
import type { Service, ServiceEnv } from '../../kernel/service.ts';
import type { Configuration } from './configuration.ts';
import { inBackground, pause } from './failures.ts';
import type { ChainMessages } from './messages.ts';
import { findCutOff } from './reachability.ts';
import type { Recollection } from './recollection.ts';
import { Roster } from './roster.ts';
import { CALL_MS, HELLO_MS, REACH_MS, RETRY_MS } from './timing.ts';

export function createChainService(env: ServiceEnv<ChainMessages>): Service<ChainMessages> {
  return new ChainService(env);
}

class ChainService implements Service<ChainMessages> {
  readonly state: Roster;
  readonly handlers: Service<ChainMessages>['handlers'] = {
    hello: (from, { recovered }) => this.#hello(from, recovered),
    confirm: (_from, { epoch }) => {
      const isCurrent = epoch === this.state.epoch || this.state.epoch === 0;
      return { configuration: isCurrent ? null : this.state.configuration() };
    },
    suspect: (_from, { epoch, server }) => {
      if (epoch === this.state.epoch) this.#suspect(server);
      return {};
    },
    synced: (from, { epoch }) => {
      if (this.state.isInService(from)) this.#doing(() => this.state.sync(from.id, epoch));
      return {};
    },
    resign: (from) => {
      if (this.state.isInService(from)) this.#doing(() => this.state.leaveOut([from.id]));
      return {};
    },
    status: () => ({ isWhole: this.state.isWhole, serving: this.state.serving }),
  };
  readonly #env: ServiceEnv<ChainMessages>;
  readonly #suspects = new Set<NodeId>();
  /** Servers that wait to be taken in. */
  readonly #waiting = new Set<NodeId>();
  #isInquiring = false;

  constructor(env: ServiceEnv<ChainMessages>) {
    this.#env = env;
    this.state = new Roster(env.earlier, env.generation);
  }

  ended(life: Life): void {
    this.#doing(() => this.state.end(life));
  }

  #hello(from: Life, recovered: Recollection | null): ResultOf<ChainMessages, 'hello'> {
    const { epoch } = this.state;
    const isLive = this.#doing(() => this.state.greet(from, recovered));
    if (!isLive) return { configuration: null, awaited: [] };
    if (epoch === 0 && this.state.epoch > 0) this.#warnOfLosses();
    if (this.state.canJoin(from.id)) {
      this.#waiting.add(from.id);
      this.#inquire();
    }
    return { configuration: this.state.configuration(), awaited: this.state.awaitedBy(from.id) };
  }

  #warnOfLosses(): void {
    const { incomplete, refused } = this.state;
    for (const id of incomplete) {
      const rest = refused.length > 0 ? '' : ': others bring it up to date';
      this.#env.warn(`server ${id}: its disk lacks what it had${rest}`);
    }
    if (refused.length === 0) return;
    const arcs = refused.length === 1 ? 'arc' : 'arcs';
    const where = `${arcs} of server ${refused.join(', ')}`;
    this.#env.warn(`keys of the ${where} are refused: no disk has all that was acknowledged there`);
  }

  #suspect(server: NodeId): void {
    this.#suspects.add(server);
    this.#inquire();
  }

  /** Does something to the roster, and tells everybody if that made a new configuration. */
  #doing<T>(action: () => T): T {
    const { epoch } = this.state;
    const result = action();
    if (this.state.epoch !== epoch) this.#announce();
    return result;
  }

  #announce(): void {
    const configuration = this.state.configuration();
    for (const id of this.state.live) {
      inBackground(this.#env, () => this.#tell(id, configuration));
    }
    if (this.#waiting.size > 0) this.#inquire();
  }

  /** Tells it again and again, until it knows, is dead, or the configuration is an old one. */
  async #tell(id: NodeId, configuration: Configuration): Promise<void> {
    const isCurrent = (): boolean =>
      this.state.epoch === configuration.epoch && this.state.live.includes(id);
    for (let failures = 0; isCurrent(); ) {
      try {
        await this.#env.tell(id, 'configure', { configuration }, CALL_MS);
        return;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
      }
      failures += 1;
      const isIn = this.state.serving.includes(id) || this.state.joiner === id;
      if (isIn && failures > 1) this.#suspect(id);
      await pause(this.#env, isIn ? RETRY_MS : HELLO_MS);
    }
  }

  /** Looks whether those who serve reach each other, and whether those who wait reach them. */
  #inquire(): void {
    if (this.#isInquiring) return;
    this.#isInquiring = true;
    inBackground(this.#env, async () => {
      while (this.#suspects.size > 0 || this.#waiting.size > 0) {
        if (this.#suspects.size > 0) await this.#inquireAboutSuspects();
        else if (!(await this.#takeIn())) break;
      }
      this.#isInquiring = false;
    });
  }

  async #inquireAboutSuspects(): Promise<void> {
    const suspects = [...this.#suspects];
    this.#suspects.clear();
    const { joiner, serving, epoch } = this.state;
    const asked = joiner === undefined ? serving : [...new Set([...serving, joiner])];
    const answers = await Promise.all(
      asked.map(async (id) => [id, await this.#askReach(id, asked)] as const),
    );
    if (this.state.epoch !== epoch) {
      for (const id of suspects) if (this.state.serving.includes(id)) this.#suspects.add(id);
      return;
    }
    const cutOff = findCutOff(new Map(answers), suspects);
    this.#doing(() => this.state.leaveOut(cutOff));
  }

  /** Takes in the first of those who wait and can be. False if there is none. */
  async #takeIn(): Promise<boolean> {
    if (this.state.joiner !== undefined) return false;
    for (const id of [...this.#waiting]) {
      this.#waiting.delete(id);
      const { epoch, serving } = this.state;
      const others = serving.filter((server) => server !== id);
      const reached = await this.#askReach(id, others);
      const reachesAll = others.every((server) => reached?.includes(server));
      if (this.state.epoch !== epoch) {
        this.#waiting.add(id);
        return true;
      }
      if (reachesAll && this.#doing(() => this.state.beginJoin(id))) return true;
    }
    return false;
  }

  /** Undefined for a server that does not answer. */
  async #askReach(id: NodeId, servers: readonly NodeId[]): Promise<NodeId[] | undefined> {
    const peers = servers.filter((server) => server !== id);
    try {
      const { reached } = await this.#env.tell(id, 'reach', { peers }, REACH_MS);
      return reached;
    } catch (error) {
      if (error instanceof CallError) return undefined;
      throw error;
    }
  }
}
