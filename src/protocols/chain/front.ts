// What a server does for clients: it takes any request, finds out who has to answer it, and asks
// again when that fails, because the chains may change under its hands. A request that is asked
// twice has the same number, so it applies once (H7).
import type { Env } from '../../kernel/env.ts';
import { CallError, type CallErrorCode } from '../../kernel/errors.ts';
import { lifeKey, type NodeId } from '../../kernel/ids.ts';
import { CALL_TIMEOUT_MS } from '../../kernel/limits.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { randomBelow } from '../../kernel/random.ts';
import type { Chain } from './configuration.ts';
import { pause } from './failures.ts';
import type { Member } from './member.ts';
import type { ChainMessages } from './messages.ts';
import type { ReadMode } from './options.ts';
import { mergePages, type Page, pageOf } from './page.ts';
import type { Reader } from './reader.ts';
import type { ChainState } from './state.ts';
import type { Suspicion } from './suspicion.ts';
import { CALL_MS, RETRY_MS } from './timing.ts';

/** Behind this the client has given up on this server. */
const FORWARD_MS = CALL_TIMEOUT_MS - 200;

/** Errors that another attempt would only meet again. */
const FINAL: ReadonlySet<CallErrorCode> = new Set(['E_BAD_REQUEST', 'E_TOO_LARGE', 'E_CLOCK_JUMP']);

export interface FrontSetup {
  readonly env: Env<ChainMessages>;
  readonly state: ChainState;
  readonly member: Member;
  readonly reader: Reader;
  readonly suspicion: Suspicion;
  readonly mode: ReadMode;
  outOfStep(): void;
}

class RingHasGrown extends Error {}

/** How one request finds its way. */
interface Route<T> {
  /** A copy of what was sent may still take effect. */
  readonly isWrite?: boolean;
  chain(): Chain | undefined;
  target(chain: Chain): NodeId | undefined;
  here(chain: Chain, epoch: number): Promise<T>;
  there(target: NodeId, epoch: number): Promise<T>;
}

type WriteRequest = Omit<ParamsOf<ChainMessages, 'write'>, 'attempt'>;

/** What a session asked for last, here. */
interface Attempt {
  readonly seq: number;
  readonly attempt: number;
  readonly written: Promise<ResultOf<ChainMessages, 'write'>>;
}

export class Front {
  readonly #setup: FrontSetup;
  readonly #latestBySession = new Map<number, Attempt>();

  constructor(setup: FrontSetup) {
    this.#setup = setup;
  }

  /**
   * Each attempt of a session is made once, and its copies have the same answer: what was refused
   * for certain must not be done when a copy comes later.
   */
  write(
    from: NodeId,
    { attempt, ...request }: ParamsOf<ChainMessages, 'write'>,
  ): Promise<ResultOf<ChainMessages, 'write'>> {
    const [id, incarnation] = request.session;
    if (id !== from) throw new CallError('E_BAD_REQUEST', `the session of ${id}, asked by ${from}`);
    const name = lifeKey({ id, incarnation });
    const latest = this.#latestBySession.get(name);
    const order = latest === undefined ? 1 : request.seq - latest.seq || attempt - latest.attempt;
    if (order < 0) throw new CallError('E_BAD_REQUEST', 'a late copy of an old write');
    if (latest !== undefined && order === 0) return latest.written;
    const written = this.#write(request);
    this.#latestBySession.set(name, { seq: request.seq, attempt, written });
    return written;
  }

  #write(request: WriteRequest): Promise<ResultOf<ChainMessages, 'write'>> {
    const { env, state, member } = this.#setup;
    return this.#route({
      isWrite: true,
      chain: () => state.chainOf(request.key),
      target: ({ members }) => members[0],
      here: ({ owner }, epoch) => member.accept(owner, { epoch, ...request }),
      there: (head, epoch) => env.call(head, 'accept', { epoch, ...request }, CALL_MS),
    });
  }

  read({ key }: ParamsOf<ChainMessages, 'read'>): Promise<ResultOf<ChainMessages, 'read'>> {
    const { env, state, reader } = this.#setup;
    return this.#route({
      chain: () => state.chainOf(key),
      target: (chain) => this.#reads(chain),
      here: ({ owner }, epoch) => reader.query(owner, { epoch, key }),
      there: (target, epoch) => env.call(target, 'query', { epoch, key }, CALL_MS),
    });
  }

  dump({ scope, after }: ParamsOf<ChainMessages, 'dump'>): Page | Promise<Page> {
    const { state } = this.#setup;
    return scope === '@' ? pageOf(state.values(), after) : this.#dumpAll(after);
  }

  /**
   * Each arc is read as one key would be; together they are no snapshot. A ring that grows
   * meanwhile cuts an arc in two, of which one would be missing: then all of them are read again.
   */
  async #dumpAll(after: string | null): Promise<Page> {
    for (;;) {
      const arcs = this.#arcs();
      if (arcs.length === 0) throw new CallError('ERR_STALE_EPOCH', 'no configuration yet');
      try {
        return mergePages(await Promise.all(arcs.map((arc) => this.#section(arc, arcs, after))));
      } catch (error) {
        if (!(error instanceof RingHasGrown)) throw error;
      }
    }
  }

  /** Throws RingHasGrown if `arcs` are not all there are when it asks. */
  #section(arc: NodeId, arcs: readonly NodeId[], after: string | null): Promise<Page> {
    const { env, state, reader } = this.#setup;
    return this.#route<Page>({
      chain: () => {
        if (this.#arcs().length !== arcs.length) throw new RingHasGrown();
        return state.configuration?.chains.find(({ owner }) => owner === arc);
      },
      target: ({ members }) => members.at(-1),
      here: (_chain, epoch) => reader.section({ epoch, arc, after }),
      there: (tail, epoch) => env.call(tail, 'section', { epoch, arc, after }, CALL_MS),
    });
  }

  /** By their owners. A ring only ever grows. */
  #arcs(): NodeId[] {
    return (this.#setup.state.configuration?.chains ?? []).map(({ owner }) => owner);
  }

  /** The tail; with reads=any ourselves if we can, or else whoever the lot falls on. */
  #reads({ members }: Chain): NodeId | undefined {
    const { env, mode } = this.#setup;
    if (mode === 'tail' || members.length <= 1) return members.at(-1);
    if (members.includes(env.self.id)) return env.self.id;
    return members[randomBelow(() => env.random(), members.length)];
  }

  /** Throws what the last attempt met; ERR_UNREACHABLE if any may have had an effect. */
  async #route<T>(route: Route<T>): Promise<T> {
    const { env, state, suspicion, outOfStep } = this.#setup;
    const lastTryAt = env.now() + FORWARD_MS;
    let isDoubtful = false;
    for (;;) {
      const chain = route.chain();
      const target = chain && route.target(chain);
      const isThere = target !== undefined && target !== env.self.id;
      try {
        if (chain === undefined || target === undefined) {
          throw new CallError('ERR_NOT_CONNECTED', 'nobody who has the data serves');
        }
        if (target === env.self.id) return await route.here(chain, state.epoch);
        const answer = await route.there(target, state.epoch);
        suspicion.answered(target);
        return answer;
      } catch (error) {
        if (!(error instanceof CallError) || FINAL.has(error.code)) throw error;
        if (isThere) suspicion.failed(target, error);
        if (error.code === 'ERR_STALE_EPOCH') outOfStep();
        isDoubtful ||= !error.definite || (route.isWrite === true && mayComeTrue(error, isThere));
        // Where a full disk has company, that takes its place at once.
        const isFull = error.code === 'E_STORAGE' && chain?.members.length === 1;
        if (!isFull && env.now() < lastTryAt) await pause(env, RETRY_MS);
        else throw isDoubtful ? new CallError('ERR_UNREACHABLE') : error;
      }
    }
  }
}

/** Whoever is in another epoch refuses it now; a copy may come when it is in ours. */
function mayComeTrue({ code }: CallError, isThere: boolean): boolean {
  return isThere && code === 'ERR_STALE_EPOCH';
}
