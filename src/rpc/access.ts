// Access control: three tokens per run, one for each rank, and checks of the address that a request
// was sent to. A page in a browser must not reach a node through a host name that resolves to it.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Rank } from './assignment.ts';

export const RANKS: readonly Rank[] = ['master', 'server', 'client'];

export type Tokens = { readonly [rank in Rank]: string };
export type Digests = { readonly [rank in Rank]: string };

/** Three new random secrets of 256 bits. */
export function createTokens(): Tokens {
  const secret = () => randomBytes(32).toString('base64url');
  return { master: secret(), server: secret(), client: secret() };
}

export function digestTokens(tokens: Tokens): Digests {
  const hex = (rank: Rank) => digest(tokens[rank]).toString('hex');
  return { master: hex('master'), server: hex('server'), client: hex('client') };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The rank of the token in an Authorization header. Takes the same time for each token. */
export function createRankOf(digests: Digests): (authorization: unknown) => Rank | undefined {
  const accepted = RANKS.map((rank) => [rank, Buffer.from(digests[rank], 'hex')] as const);
  return (authorization) => {
    if (typeof authorization !== 'string' || !authorization.startsWith('Bearer ')) return undefined;
    const presented = digest(authorization.slice('Bearer '.length));
    let found: Rank | undefined;
    for (const [rank, expected] of accepted) {
      if (timingSafeEqual(presented, expected)) found = rank;
    }
    return found;
  };
}

/** Whether a Host header names this port of this machine, by one of its loopback names. */
export function isOwnHost(host: string | undefined, port: number): boolean {
  return ownHosts(port).includes(host ?? '');
}

/** Whether a request comes from no web page, or from a page of this port. */
export function isOwnOrigin(origin: string | undefined, port: number): boolean {
  return origin === undefined || ownHosts(port).some((host) => origin === `http://${host}`);
}

function ownHosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
}
