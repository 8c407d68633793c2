// One protocol without the others: a node runs one, so it loads one.
import type { Protocol } from '../kernel/protocol.ts';

/**
 * The protocol of that name, which lies in the folder of that name and is exported by it. Rejects
 * if there is none.
 */
export async function loadProtocol(name: string): Promise<Protocol> {
  const folder: { readonly [name: string]: Protocol } = await import(`./${name}/index.ts`);
  const protocol = folder[name];
  if (protocol === undefined) throw new Error(`no such protocol: ${name}`);
  return protocol;
}
