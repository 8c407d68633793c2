// Nodes find a protocol by the name of its folder, the master by the registry: both must agree.
import { expect, it } from 'vitest';
import { loadProtocol } from '../../src/protocols/load.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';

it.each(PROTOCOLS)('$name is the one of the registry', async (protocol) => {
  expect(await loadProtocol(protocol.name)).toBe(protocol);
});

it.each(['raft', 'registry', '..', '', '__proto__'])('there is no protocol %j', async (name) => {
  await expect(loadProtocol(name)).rejects.toThrow();
});
