// Loads one protocol without the others: a node runs only one.
import type { Protocol } from '../kernel/protocol.ts';

/**
 * The protocol that the folder of that name exports under that name. Rejects if there is none.
 */
export async function loadProtocol(name: string): Promise<Protocol> {
  const folder: { readonly [name: string]: Protocol } = await import(`./${name}/index.ts`);
  const protocol = folder[name];
  if (protocol === undefined) throw new Error(`no such protocol: ${name}`);
  return protocol;
}
