// A world without protocol or time of its own, for tests of the master: it records every call, and
// keeps one store that every server shows.
import type { Cluster, Death, NodeSpec } from '../../src/kernel/cluster.ts';
import type { Answer } from '../../src/kernel/control.ts';
import { CallError } from '../../src/kernel/errors.ts';
import type { RecoveredWrite } from '../../src/kernel/history.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import type { Json } from '../../src/kernel/json.ts';
import type { LinkChange } from '../../src/kernel/linkSettings.ts';

/** Answers a control method in place of the fake; undefined leaves the answer to the fake. */
export type Responder = (
  id: NodeId,
  method: string,
  params: Record<string, Json>,
  world: FakeCluster,
) => Json | Promise<Json> | undefined;

export class FakeCluster implements Cluster {
  /** All calls, in order: `start server 0.1`, `ask 5 get {"key":"k"}`. */
  readonly calls: string[] = [];
  readonly asked: { id: NodeId; method: string; params: Json; timeoutMs: number | undefined }[] =
    [];
  readonly store = new Map<string, string>();
  readonly roles = new Map<NodeId, 'server' | 'client'>();
  readonly links = new Set<string>();
  readonly paused = new Set<NodeId>();
  readonly formerLives = 0;
  startsTogether = false;
  readonly service = {
    command: async (): Promise<readonly string[]> => [],
    inspect: async (): Promise<Json> => ({}),
  };
  respond: Responder = () => undefined;
  timeMs = 0;
  isStopped = false;
  #onDeath: (death: Death) => void = () => undefined;

  /** Returns the calls so far and clears the list. */
  takeCalls(): string[] {
    return this.calls.splice(0);
  }

  die(death: Death): void {
    this.roles.delete(death.id);
    this.#onDeath(death);
  }

  async start({ role, id, incarnation, guarantees }: NodeSpec): Promise<readonly RecoveredWrite[]> {
    this.calls.push(['start', role, `${id}.${incarnation}`, ...(guarantees ?? [])].join(' '));
    this.roles.set(id, role);
    return [];
  }

  async kill(id: NodeId): Promise<void> {
    this.calls.push(`kill ${id}`);
    this.roles.delete(id);
    for (const link of [...this.links]) {
      if (link.split('-').includes(String(id))) this.links.delete(link);
    }
  }

  async pause(id: NodeId): Promise<void> {
    this.calls.push(`pause ${id}`);
    this.paused.add(id);
  }

  async resume(id: NodeId): Promise<void> {
    this.calls.push(`resume ${id}`);
    this.paused.delete(id);
  }

  async link(a: NodeId, b: NodeId): Promise<void> {
    this.calls.push(`link ${a} ${b}`);
    this.links.add(nameLink(a, b));
  }

  async setLink({ direction, setting }: LinkChange): Promise<void> {
    this.calls.push(`setLink ${direction} ${JSON.stringify(setting)}`);
  }

  async unlink(a: NodeId, b: NodeId): Promise<void> {
    this.calls.push(`unlink ${a} ${b}`);
    this.links.delete(nameLink(a, b));
  }

  async mute(from: NodeId, to: NodeId): Promise<void> {
    this.calls.push(`mute ${from} ${to}`);
  }

  async ask(id: NodeId, method: string, params: Json, timeoutMs?: number): Promise<Json> {
    this.calls.push(`ask ${id} ${method} ${JSON.stringify(params)}`);
    this.asked.push({ id, method, params, timeoutMs });
    if (!this.roles.has(id)) throw new CallError('ERR_NOT_CONNECTED');
    const fields = params as Record<string, Json>;
    const answer = await (this.respond(id, method, fields, this) ??
      this.#answer(id, method, fields));
    if (!this.paused.has(id)) return answer;
    this.timeMs += timeoutMs ?? 0;
    throw new CallError('ERR_UNREACHABLE');
  }

  async tell(id: NodeId, method: string, params: Json): Promise<void> {
    await this.ask(id, method, params);
  }

  now(): number {
    return this.timeMs;
  }

  async sleep(ms: number): Promise<void> {
    this.calls.push(`sleep ${ms}`);
    this.timeMs += ms;
  }

  wake(): void {
    this.calls.push('wake');
  }

  random(): number {
    return 0;
  }

  onDeath(listener: (death: Death) => void): void {
    this.#onDeath = listener;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
  }

  #answer(id: NodeId, method: string, params: Record<string, Json>): Json {
    switch (method) {
      case 'put':
        this.store.set(String(params.key), String(params.value));
        return this.#reply(id, 'ok', null);
      case 'delete':
        this.store.delete(String(params.key));
        return this.#reply(id, 'ok', null);
      case 'get': {
        const value = this.store.get(String(params.key));
        return this.#reply(id, value === undefined ? 'absent' : 'ok', value ?? null);
      }
      case 'printStore':
        return { entries: [...this.store].sort() };
      case 'snapshot':
        return { store: [...this.store].map(([key, value]) => [key, value, null]), applied: null };
      case 'stabilize':
        return { reached: params.known ?? [], missing: [] };
      default:
        return {};
    }
  }

  #reply(client: NodeId, outcome: Answer['outcome'], value: string | null): Json {
    const server = [...this.roles].find(
      ([id, role]) => role === 'server' && this.links.has(nameLink(client, id)),
    );
    if (server === undefined) return reply('fail');
    return reply(outcome, value, server[0]);
  }
}

/** An Answer as a client returns it. */
export function reply(
  outcome: Answer['outcome'],
  value: string | null = null,
  server: NodeId | null = null,
): Json {
  const version = server === null ? null : [1, server, 1];
  return { outcome, value, server, version, applied: null };
}

function nameLink(a: NodeId, b: NodeId): string {
  return `${Math.min(a, b)}-${Math.max(a, b)}`;
}
