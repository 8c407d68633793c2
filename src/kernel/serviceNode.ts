// Hosts a configuration service, as node.ts hosts a replica: calls of nodes come in here in both
// worlds, and are validated against the protocol's table.
import { CallError } from './errors.ts';
import type { Life, Role } from './ids.ts';
import type { Json } from './json.ts';
import { checkParams } from './messages.ts';
import type { Options, Protocol } from './protocol.ts';
import type { ErasedService, ServiceEnv } from './service.ts';

/** A life that calls the service, with its role as the world knows it. */
export interface ServiceCaller extends Life {
  readonly role: Role;
}

export interface ServiceNode {
  /**
   * Answers one node. Throws or rejects with a CallError; any other error is a bug. A method that
   * the caller's role may not send is refused (E_NO_METHOD).
   */
  handle(from: ServiceCaller, method: string, params: unknown): Json | Promise<Json>;
  ended(life: Life): void;
  /** Runs one of the protocol's own commands. Rejects with E_NO_METHOD for any other. */
  command(name: string, args: readonly string[]): Promise<readonly string[]>;
  /** Rejects with E_NO_METHOD for a service that shows nothing. */
  inspect(): Promise<Json>;
  readonly state: unknown;
}

/** Undefined for a protocol without such a service. */
export function createServiceNode(
  protocol: Protocol,
  env: ServiceEnv,
  options: Options,
): ServiceNode | undefined {
  const service: ErasedService | undefined = protocol.createService?.(env, options);
  if (service === undefined) return undefined;
  return {
    handle: ({ id, incarnation, role }, method, params) => {
      const spec = protocol.messages[method];
      const handler = service.handlers[method];
      if (spec?.to !== 'service' || handler === undefined) {
        throw new CallError('E_NO_METHOD', method);
      }
      if (spec.from !== role) {
        throw new CallError('E_NO_METHOD', `${method} is for a ${spec.from}`);
      }
      return handler({ id, incarnation }, checkParams(spec, params));
    },
    ended: (life) => service.ended(life),
    command: async (name, args) => {
      if (service.command === undefined) throw new CallError('E_NO_METHOD', name);
      return service.command(name, args);
    },
    inspect: async () => {
      if (service.inspect === undefined) throw new CallError('E_NO_METHOD', 'inspect');
      return service.inspect();
    },
    get state() {
      return service.state;
    },
  };
}
