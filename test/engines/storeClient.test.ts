// A client of a store of others: what a server says comes over their link, be it a refusal.
import { expect, it } from 'vitest';
import { StoreClient } from '../../src/engines/store/storeClient.ts';
import { SlowLinks } from '../../src/engines/tcp/slowLinks.ts';
import { LifeEvents } from '../../src/engines/world/lifeEvents.ts';
import { CallError, declareErrors } from '../../src/kernel/errors.ts';

declareErrors({ ERR_TEST_REFUSED: { definite: true, text: 'refused', isAnswer: true } });

const SERVER = 1;
const CLIENT = 9;
const TIMEOUT_MS = 300;
const DELAY = { kind: 'uniform', leastMs: 50, mostMs: 50 } as const;
const put = { kind: 'put', key: 'x', value: '1', modifiers: [] } as const;

/** A client of a server that does the operation, or answers with an error. */
function createClient(error?: CallError) {
  const links = new SlowLinks({ seed: 1, now: () => performance.now() });
  links.link(CLIENT, SERVER);
  const spec = { id: CLIENT, incarnation: 0, role: 'client' } as const;
  const told: string[] = [];
  const client = new StoreClient({
    ...{ spec: spec as never, seed: 1, links, timeoutMs: TIMEOUT_MS, isRandom: true },
    events: new LifeEvents(spec, () => 0, undefined),
    choose: () => undefined,
    eventsOf: () => undefined,
    connect: (server) => ({
      operate: async () => {
        told.push('asked');
        if (error !== undefined) throw error;
        return { outcome: 'ok', value: null, server, version: null, applied: null };
      },
      close: () => told.push('closed'),
    }),
  });
  client.connected(SERVER);
  return { client, links, told };
}

it('does not hear a refusal over a link that is cut on the way back', async () => {
  const refusal = new CallError('ERR_TEST_REFUSED');
  const { client, links } = createClient(refusal);
  expect(await client.operate(put)).toMatchObject({ outcome: 'fail', error: 'ERR_TEST_REFUSED' });
  links.mute(SERVER, CLIENT);
  const answer = await client.operate(put);
  expect(answer).toMatchObject({ outcome: 'unknown' });
  expect(answer).not.toHaveProperty('error');
});

it('notices at once that there is no connection, whatever the link', async () => {
  const { client, links } = createClient(new CallError('ERR_NOT_CONNECTED'));
  links.mute(SERVER, CLIENT);
  expect(await client.operate(put)).toMatchObject({ outcome: 'fail' });
});

it('asks nothing over a link that was cut while the request was on its way', async () => {
  const { client, links, told } = createClient();
  links.setLink({ direction: 'all', setting: { delay: DELAY } });
  const answer = client.operate(put);
  links.unlink(CLIENT, SERVER);
  client.disconnected(SERVER);
  expect(await answer).toMatchObject({ outcome: 'unknown' });
  // What is sent later arrives later.
  links.link(CLIENT, SERVER);
  client.connected(SERVER);
  expect(await client.operate(put)).toMatchObject({ outcome: 'ok' });
  expect(told).toEqual(['closed', 'asked']);
});
