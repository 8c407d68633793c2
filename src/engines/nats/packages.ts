// The packages of NATS's own client. They are optional: only scripts with `protocol nats` load
// them.
import { EnvironmentError } from '../../kernel/cluster.ts';

export interface Packages {
  readonly transport: typeof import('@nats-io/transport-node');
  readonly jetstream: typeof import('@nats-io/jetstream');
  readonly kv: typeof import('@nats-io/kv');
}

const NAMES = ['transport-node', 'jetstream', 'kv'].map((name) => `@nats-io/${name}`);

/** Rejects with an EnvironmentError that says what to install. */
export async function loadPackages(): Promise<Packages> {
  try {
    const [transport, jetstream, kv] = await Promise.all([
      import('@nats-io/transport-node'),
      import('@nats-io/jetstream'),
      import('@nats-io/kv'),
    ]);
    return { transport, jetstream, kv };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND' && code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const [first = ''] = message.split('\n');
    const advice = `npm install ${NAMES.join(' ')}`;
    throw new EnvironmentError(
      'E_SPAWN',
      `protocol nats needs NATS's client (${advice}): ${first}`,
    );
  }
}
