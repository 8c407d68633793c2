// A cluster of etcd's own servers, as the store of a world.

import type { NodeSpec } from '../../kernel/cluster.ts';
import type { EngineCluster, EngineSetup } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import { endpointsOf } from '../store/endpoints.ts';
import type { Connection, Shown, Store, StoreSetup } from '../store/store.ts';
import { waitsOf } from '../store/storeOptions.ts';
import { createStoreCluster } from '../store/storeWorld.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { whenReady } from '../store/whenReady.ts';
import { EtcdElsewhere } from './etcdElsewhere.ts';
import type { Gateway, Status } from './gateway.ts';
import { inspectMember, openConnection, readStore, statusOf } from './looks.ts';
import { EtcdMember } from './member.ts';
import { doesVote, type ListedMember, leftovers } from './membership.ts';
import { readsOf } from './options.ts';
import { isMajority, type NextStep, nextStep } from './readiness.ts';
import type { GatewayCall } from './requests.ts';

export function createEtcdCluster(setup: EngineSetup): EngineCluster {
  const isElsewhere = endpointsOf(setup.options).length > 0;
  return createStoreCluster(setup, {
    ...waitsOf(setup.options),
    create: (store) => (isElsewhere ? new EtcdElsewhere(store) : new EtcdStore(store)),
  });
}

const LOOK_EVERY_MS = 10;
const LOOK_MS = 1_000;
/** How long the cluster may take for its first leader, and for a new member. */
const CHANGE_MS = 20_000;
const CHANGE_CALL_MS = 2_000;
const NO_MAJORITY = 'no majority of its servers runs and is connected';

class EtcdStore implements Store {
  readonly #setup: StoreSetup;
  /** All that were ever members, running or not. */
  readonly #members = new Map<NodeId, EtcdMember>();

  constructor(setup: StoreSetup) {
    this.#setup = setup;
  }

  async start({ id }: NodeSpec): Promise<ForeignProgram> {
    const existing = this.#members.get(id);
    if (existing !== undefined) return existing.start(this.#bootstrap(existing));
    const isFirst = this.#members.size === 0;
    const member = await EtcdMember.create(id, this.#setup, (hex) => this.#serverOfHex(hex));
    if (!isFirst) await this.#add(member);
    this.#members.set(id, member);
    const program = await member.start(this.#bootstrap(member));
    return isFirst ? whenReady(program, this.#awaitLeader(member, program)) : program;
  }

  ended(id: NodeId): void {
    this.#members.get(id)?.ended();
  }

  linksChanged(): void {
    for (const { proxy } of this.#members.values()) proxy.linksChanged();
  }

  connect(_client: NodeId, server: NodeId): Connection {
    const url = this.#members.get(server)?.url ?? '';
    return openConnection(server, { url, prefix: '', reads: readsOf(this.#setup.options) });
  }

  async settle(server: NodeId, withinMs: number): Promise<NodeId[]> {
    const until = this.#setup.now() + withinMs;
    for (;;) {
      const step = await this.#nextStep(server);
      if (step.kind === 'end') return step.awaited;
      if (this.#setup.now() > until) throw new CallError('ERR_UNREACHABLE', 'not ready in time');
      if (step.kind === 'promote') await this.#promote(server, step.leader);
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
  }

  async position(server: NodeId, timeoutMs: number): Promise<string | undefined> {
    const gateway = this.#members.get(server)?.gateway;
    const status = gateway && (await statusOf(gateway, timeoutMs));
    return status && `revision ${status.revision}`;
  }

  async show(server: NodeId, timeoutMs: number): Promise<Shown> {
    return readStore(this.#gateway(server), '', timeoutMs);
  }

  async inspect(server: NodeId, timeoutMs: number): Promise<Inspection> {
    const asked = { prefix: '', timeoutMs };
    return inspectMember(this.#gateway(server), asked, (member) => this.#serverOf(member));
  }

  /** `moveLeader`. Rejects with a CallError if it does not become the leader. */
  async command(server: NodeId): Promise<string[]> {
    const target = this.#members.get(server)?.member;
    const until = this.#setup.now() + CHANGE_CALL_MS;
    for (let isAsked = false; ; ) {
      const status = await statusOf(this.#gateway(server), LOOK_MS);
      const leader = status?.leader === undefined ? undefined : this.#serverOf(status.leader);
      if (leader === server) break;
      if (this.#setup.now() > until) throw new CallError('ERR_UNREACHABLE', 'it does not lead');
      if (leader !== undefined && !isAsked) {
        const order = { path: 'maintenance/transfer-leadership', body: { targetID: target ?? '' } };
        isAsked = await this.#hasDone(this.#gateway(leader).call(order, CHANGE_CALL_MS));
      }
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
    await this.settle(server, CHANGE_CALL_MS);
    return [];
  }

  async stop(): Promise<void> {
    for (const member of this.#members.values()) member.close();
  }

  #gateway(server: NodeId): Gateway {
    const gateway = this.#members.get(server)?.gateway;
    if (gateway === undefined) throw new CallError('ERR_UNREACHABLE', `${server} does not run`);
    return gateway;
  }

  #serverOf(member: string): NodeId | undefined {
    return [...this.#members.values()].find((one) => one.member === member)?.id;
  }

  #serverOfHex(hex: string): NodeId | undefined {
    return /^[0-9a-f]{1,16}$/.test(hex) ? this.#serverOf(BigInt(`0x${hex}`).toString()) : undefined;
  }

  #bootstrap(own: EtcdMember): { state: 'new' | 'existing'; members: string } {
    const members = [...this.#members.values()].map(({ peer }) => peer).join(',');
    return { state: own.member === undefined ? 'new' : 'existing', members };
  }

  async #awaitLeader(member: EtcdMember, program: ForeignProgram): Promise<void> {
    const until = this.#setup.now() + CHANGE_MS;
    for (;;) {
      const status = member.gateway && (await statusOf(member.gateway, LOOK_MS));
      if (status?.leader !== undefined) {
        member.member = status.member;
        member.isVoter = true;
        return;
      }
      if (this.#setup.now() > until || program.isGone) {
        throw new CallError('ERR_UNREACHABLE', `the cluster has no leader after ${CHANGE_MS} ms`);
      }
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
  }

  /** Adds a learner. Rejects with a CallError if no majority does it. */
  async #add(member: EtcdMember): Promise<void> {
    const until = this.#setup.now() + CHANGE_MS;
    let why = NO_MAJORITY;
    // Without a majority nothing is asked: the leader would keep it, and do it later.
    while (this.#setup.now() < until && this.#hasMajority()) {
      for (const id of await this.#byTerm()) {
        try {
          member.member = await this.#addAt(this.#gateway(id), member.proxy.url);
          return;
        } catch (error) {
          if (!(error instanceof CallError)) throw error;
          why = error.message;
        }
      }
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
    member.close();
    throw new CallError('ERR_UNREACHABLE', `the cluster does not add it: ${why}`);
  }

  /** The id of the new member. Removes what earlier additions have left (membership.ts). */
  async #addAt(gateway: Gateway, url: string): Promise<string> {
    const ask = (path: string, body: GatewayCall['body']): Promise<object> =>
      gateway.call({ path: `cluster/member/${path}`, body }, CHANGE_CALL_MS);
    const known = new Set([...this.#members.values()].map(({ proxy }) => proxy.url));
    const { own, strangers } = leftovers(await listMembers(gateway), url, known);
    if (own !== undefined) return own;
    for (const stranger of strangers) await ask('remove', { ID: stranger });
    const told = await ask('add', { peerURLs: [url], isLearner: true });
    return (told as { member: { ID: string } }).member.ID;
  }

  /** Whether some running servers that reach each other are a majority of those that vote. */
  #hasMajority(): boolean {
    const voters = this.#voters();
    return voters.some((id) => {
      const reached = this.#isWell(id) ? this.#reachedFrom(id) : [];
      return isMajority(
        voters.filter((voter) => reached.includes(voter)),
        voters,
      );
    });
  }

  /** The servers that answer, those with the latest leader first. */
  async #byTerm(): Promise<NodeId[]> {
    const statuses = [...(await this.#statuses([...this.#setup.members.keys()]))];
    const led = statuses.filter(([, { leader, isLearner }]) => leader !== undefined && !isLearner);
    return led.sort(([, a], [, b]) => b.term - a.term).map(([id]) => id);
  }

  async #statuses(ids: readonly NodeId[]): Promise<Map<NodeId, Status>> {
    const seen = await Promise.all(
      ids.map(async (id) => {
        const gateway = this.#members.get(id)?.gateway;
        if (gateway === undefined || this.#setup.members.get(id)?.isPaused) return [];
        const status = await statusOf(gateway, LOOK_MS);
        return status === undefined ? [] : [[id, status] as const];
      }),
    );
    return new Map(seen.flat());
  }

  async #nextStep(server: NodeId): Promise<NextStep> {
    const { links } = this.#setup;
    const reached = this.#reachedFrom(server);
    return nextStep({
      server,
      voters: this.#voters(),
      reached,
      statuses: await this.#statuses(reached),
      serverOf: (member) => this.#serverOf(member),
      areLinked: (a, b) => links.peersOf(a).includes(b),
    });
  }

  /** The leader refuses until the server has its log. */
  #isWell(id: NodeId): boolean {
    return this.#setup.members.get(id)?.isPaused === false;
  }

  #reachedFrom(id: NodeId): NodeId[] {
    return this.#setup.links.reachedFrom(id, (one) => this.#isWell(one));
  }

  #voters(): NodeId[] {
    const voters = [...this.#members.values()].filter(({ isVoter }) => isVoter);
    return voters.map(({ id }) => id);
  }

  async #promote(server: NodeId, leader: NodeId): Promise<void> {
    const member = this.#members.get(server);
    if (member === undefined) return;
    const { member: own = '' } = member;
    const gateway = this.#gateway(leader);
    const call = { path: 'cluster/member/promote', body: { ID: own } };
    if (await this.#hasDone(gateway.call(call, CHANGE_CALL_MS))) member.isVoter = true;
    // An earlier order may have been done, though its answer was lost.
    else member.isVoter = doesVote((await unlessUnanswered(() => listMembers(gateway))) ?? [], own);
  }

  async #hasDone(order: Promise<unknown>): Promise<boolean> {
    return (await unlessUnanswered(() => order.then(() => true))) === true;
  }
}

async function listMembers(gateway: Gateway): Promise<readonly ListedMember[]> {
  const told = await gateway.call({ path: 'cluster/member/list', body: {} }, LOOK_MS);
  return (told as { members?: ListedMember[] }).members ?? [];
}
