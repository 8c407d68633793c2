// Servers of the sharded protocol on real processes, and the calls of their clients.
import type { NodeId } from '../src/kernel/ids.ts';
import type { Protocol } from '../src/kernel/protocol.ts';
import type { Call } from './calls.ts';
import { findProtocol, type ProcessTestbed, startProtocol } from './testbed.ts';

/** Calls at once, for each group. */
export const IN_FLIGHT = 32;
export const CLIENTS = [100, 101, 102, 103];
export const KEYS = 1_000;
export const VALUE = 'v'.repeat(100);

export const keyOf = (count: number): string => `key${count % KEYS}`;

export interface Subjects {
  readonly testbed: ProcessTestbed;
  readonly servers: number;
  /** So many calls at once: each group gets as many as a server alone. */
  readonly inFlight: number;
  readonly put: Call;
  readonly get: Call;
  /** How often servers have asked the shard master whether their configuration is current. */
  readonly asked: () => number;
}

/** Servers and clients, all linked. */
export async function startSharded(
  servers: number,
  options: Readonly<Record<string, string>>,
  clients = CLIENTS,
): Promise<Subjects> {
  const reached = Array.from({ length: servers }, (_, id) => id);
  const links = { servers, clients, reached };
  const { protocol, asked } = countQuestions();
  const testbed = await startProtocol({ protocol, options, ...links });
  const clientOf = (count: number): NodeId => clients[count % clients.length] ?? 0;
  return {
    testbed,
    servers,
    inFlight: IN_FLIGHT * Number(options.groups ?? 1),
    asked,
    put: (count) => testbed.operate(clientOf(count), 'put', { key: keyOf(count), value: VALUE }),
    get: (count) => testbed.operate(clientOf(count), 'get', { key: keyOf(count) }),
  };
}

/** The protocol, whose shard master counts the questions of servers. */
function countQuestions(): { protocol: Protocol; asked: () => number } {
  const protocol = findProtocol('sharded');
  let count = 0;
  const counted: Protocol = {
    ...protocol,
    createService: (env, options) => {
      const service = protocol.createService?.(env, options);
      if (service === undefined) throw new Error('sharded has a shard master');
      const { confirm } = service.handlers;
      const handlers = {
        ...service.handlers,
        confirm: (...call: Parameters<NonNullable<typeof confirm>>) => {
          count += 1;
          return confirm?.(...call) ?? null;
        },
      };
      return new Proxy(service, {
        get: (_, name) => {
          if (name === 'handlers') return handlers;
          const value: unknown = Reflect.get(service, name, service);
          return typeof value === 'function' ? value.bind(service) : value;
        },
      });
    },
  };
  return { protocol: counted, asked: () => count };
}
