// A client of several replicas on real processes, and its puts and gets of values of 100 bytes.
import type { Options } from '../src/kernel/protocol.ts';
import type { ProcessCluster } from '../src/processes/processCluster.ts';
import type { Call } from './calls.ts';
import { findProtocol, startProtocol, type Testbed } from './testbed.ts';

export const VALUE = 'v'.repeat(100);
const CLIENT = 100;
const KEYS = 100;

/** The client is linked to server 0. With `folder`, the servers keep logs there. */
export function startReplicated(
  name: 'quorum' | 'chain',
  servers: number,
  options: Options,
  folder?: string,
): Promise<Testbed<ProcessCluster>> {
  const links = { clients: [CLIENT], reached: [0] };
  const protocol = findProtocol(name);
  return startProtocol({ protocol, servers, options, ...links, ...(folder && { folder }) });
}

export const keyOf = (count: number): string => `key${count % KEYS}`;

export interface Calls {
  readonly put: Call;
  readonly get: Call;
}

export function callsOf(testbed: Testbed, modifiers: readonly string[] = []): Calls {
  const operate = (method: 'put' | 'get', params: { key: string; value?: string }) =>
    testbed.operate(CLIENT, method, {
      ...params,
      ...(modifiers.length > 0 && { modifiers: [...modifiers] }),
    });
  return {
    put: (count) => operate('put', { key: keyOf(count), value: VALUE }),
    get: (count) => operate('get', { key: keyOf(count) }),
  };
}
