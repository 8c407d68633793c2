// The configuration service of the chain protocol: answers servers, and warns if disks have lost
// acknowledged writes. The roster makes every decision.
import type { Life } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { ResultOf } from '../../kernel/messages.ts';
import type { Service, ServiceEnv } from '../../kernel/service.ts';
import { MembershipService } from '../../replication/membershipService.ts';
import { CALL_MS, REACH_MS } from '../../replication/timing.ts';
import type { Configuration } from './configuration.ts';
import type { DiskReport } from './diskReport.ts';
import type { ChainMessages } from './messages.ts';
import { Roster } from './roster.ts';

export function createChainService(env: ServiceEnv<ChainMessages>): Service<ChainMessages> {
  return new ChainService(env);
}

class ChainService implements Service<ChainMessages> {
  readonly state: Roster;
  readonly handlers: Service<ChainMessages>['handlers'] = {
    hello: (from, { recovered }) => this.#hello(from, recovered),
    confirm: (_from, { epoch }) => ({ configuration: this.state.correctionOf(epoch) }),
    suspect: (_from, { epoch, server }) => {
      if (epoch === this.state.epoch) this.#membership.suspect(server);
      return {};
    },
    synced: (from, { epoch }) => {
      if (this.state.isInService(from)) {
        this.#membership.change(() => this.state.sync(from.id, epoch));
      }
      return {};
    },
    resign: (from) => {
      if (this.state.isInService(from)) {
        this.#membership.change(() => this.state.leaveOut([from.id]));
      }
      return {};
    },
    status: () => ({ isWhole: this.state.isWhole, serving: this.state.serving }),
  };
  readonly #env: ServiceEnv<ChainMessages>;
  readonly #membership: MembershipService<Configuration, Roster>;

  constructor(env: ServiceEnv<ChainMessages>) {
    this.#env = env;
    this.state = new Roster(env.earlier, env.generation);
    this.#membership = new MembershipService(env, this.state, {
      configure: (id, configuration) => env.tell(id, 'configure', { configuration }, CALL_MS),
      reach: async (id, peers) => (await env.tell(id, 'reach', { peers }, REACH_MS)).reached,
    });
  }

  inspect(): Inspection {
    const { epoch, serving, isWhole } = this.state;
    const chains = this.state.configuration().chains.map(({ owner, members, holders, joiner }) => {
      return { arc: owner, members: [...members], holders: [...holders], joiner };
    });
    return { epoch, serving, isWhole, chains };
  }

  ended(life: Life): void {
    this.#membership.change(() => this.state.end(life));
  }

  #hello(from: Life, recovered: DiskReport | null): ResultOf<ChainMessages, 'hello'> {
    const { epoch } = this.state;
    const isLive = this.#membership.change(() => this.state.register(from, recovered));
    if (!isLive) return { configuration: null, awaited: [] };
    if (epoch === 0 && this.state.epoch > 0) this.#warnOfLosses();
    if (this.state.canJoin(from.id)) this.#membership.wait(from.id);
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
}
