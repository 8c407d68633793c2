// The requests and times of a page: the form of a configuration, and the session that runs it.
import { describe, expect, it, test } from 'vitest';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import { listFields } from '../../src/web/times/fields.ts';
import { createForm, type Form, setProtocol, setText } from '../../src/web/times/form.ts';
import { type Launch, readForm, tellClaims } from '../../src/web/times/launch.ts';
import { Parts } from '../../src/web/times/parts.ts';
import { type RequestOrder, Sample } from '../../src/web/times/requests.ts';
import { toScript } from '../../src/web/times/script.ts';
import { RequestSession } from '../../src/web/times/session.ts';
import { listRequestProblems } from '../../src/web/times/sheet.ts';

const NAMES = PROTOCOLS.map(({ name }) => name);

function formWith(protocol: string, texts: Readonly<Record<string, string>>): Form {
  return Object.entries(texts).reduce(
    (form, [id, text]) => setText(form, id, text),
    createForm(protocol),
  );
}

function launchOf(form: Form): Launch {
  const { launch, problems } = readForm(form);
  expect(problems).toEqual([]);
  return launch as Launch;
}

const ONE = { key: '1', value: '1', count: 1, atOnce: 1 } as const;

describe('the form', () => {
  it.each(NAMES)('of %s fits together as it is, and shows each option at most once', (name) => {
    const form = createForm(name);
    expect(launchOf(form)).toMatchObject({ protocol: name, servers: 4, link: 'delay=10ms' });
    const ids = listFields(form).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('of quorum has the fields and numbers of the source', () => {
    const texts = listFields(createForm('quorum')).map(({ id, text }) => [id, text]);
    expect(Object.fromEntries(texts)).toMatchObject({
      ...{ servers: '4', bits: '3', q: '2', n: '2', read: '1', write: '1', timeout: '2s' },
      ...{ gossip: 'off', delay: 'constant', constantMs: '10' },
    });
  });

  it.each([
    ['quorum', { n: '5' }, 'n', 'N = 5 replicas are more than 4 servers'],
    ['quorum', { read: '3' }, 'read', 'read=3 is more than n=2 replicas'],
    ['quorum', { write: '3' }, 'write', 'write=3 is more than n=2 replicas'],
    ['quorum', { q: '3' }, 'q', 'q=3 does not divide keys=8'],
    ['quorum', { q: '16' }, 'q', 'q=16 does not divide keys=8'],
    ['quorum', { q: '8' }, 'q', '1 tokens have 1 owners, fewer than N = 2'],
    ['quorum', { bits: '20' }, 'q', 'keys / q is 524288 tokens, and 1024 are the most'],
    ['quorum', { bits: '21' }, 'bits', 'a whole number from 1 to 20'],
    ['quorum', { owners: '0,1,2,4' }, 'owners', 'there is no server 4'],
    ['quorum', { owners: '0,1' }, 'owners', 'owners names 2 servers'],
    ['quorum', { timeout: '2' }, 'timeout', '20ms to'],
    ['quorum', { quorum: 'sloppy', repair: 'off' }, 'quorum', 'quorum=sloppy needs hints'],
    ['quorum', { servers: '0' }, 'servers', 'a whole number from 1 to 32'],
    ['quorum', { constantMs: '-1' }, 'constantMs', 'is no delay'],
    ['quorum', { delay: 'uniform', leastMs: '30' }, 'leastMs', 'is no delay'],
    ['quorum', { delay: 'normal', meanMs: '1.5' }, 'meanMs', 'is no delay'],
    ['quorum', { loss: '2' }, 'loss', 'is no share'],
    ['sharded', { groups: '5' }, 'groups', '5 groups are more than 4 servers'],
    ['sharded', { sync: '2' }, 'sync', 'L = 2, but a group has 1 secondaries'],
    ['causal', { gossip: 'often' }, 'gossip', 'eager, off, or milliseconds'],
  ])('of %s refuses %j at the field %s', (protocol, texts, field, text) => {
    const [problem, ...others] = readForm(formWith(protocol, texts)).problems;
    expect(others).toEqual([]);
    expect(problem).toEqual({ field, text: expect.stringContaining(text) });
  });

  it('says all that does not fit at once', () => {
    const { problems } = readForm(formWith('quorum', { n: '7', loss: '3', timeout: '2s' }));
    expect(problems.map(({ field }) => field)).toEqual(['n', 'loss']);
  });

  it('hides what has no effect', () => {
    const ids = (form: Form) => listFields(form).map(({ id }) => id);
    expect(ids(createForm('quorum'))).not.toContain('vnodes');
    expect(ids(formWith('quorum', { partitioner: 'hash' }))).not.toContain('bits');
    expect(ids(formWith('quorum', { delay: 'normal' }))).toContain('deviationMs');
  });

  it('keeps the links and the name of another protocol, and none of its options', () => {
    const form = setProtocol(
      formWith('quorum', { n: '3', constantMs: '7', name: 'mine' }),
      'chain',
    );
    expect(launchOf(form)).toMatchObject({ name: 'mine', settings: [], link: 'delay=7ms' });
    expect(setProtocol(createForm('quorum'), 'chain').texts.name).toBe('chain');
  });

  it('deals the tokens evenly, and the same for the same seed', () => {
    const ownersOf = (seed: string) => {
      const { settings } = launchOf(formWith('quorum', { bits: '6', seed }));
      return new Map(settings).get('owners')?.split(',') ?? [];
    };
    const owners = ownersOf('1');
    expect(owners).toHaveLength(32);
    for (const id of '0123') expect(owners.filter((owner) => owner === id)).toHaveLength(8);
    expect(ownersOf('1')).toEqual(owners);
    expect(ownersOf('2')).not.toEqual(owners);
  });

  it('tells what is claimed', () => {
    expect(tellClaims(launchOf(createForm('chain')))).toContain('linearizable');
    expect(tellClaims(launchOf(formWith('sharded', { sync: '0' })))).toBe('nothing');
  });
});

describe('requests', () => {
  it('are refused at their fields', () => {
    const launch = launchOf(createForm('quorum'));
    const texts = { key: '1', value: '1', count: '1', atOnce: '1' };
    const fields = (change: object) =>
      listRequestProblems({ ...texts, ...change }, launch).map(({ field }) => field);
    expect(fields({})).toEqual([]);
    expect(fields({ key: '8' })).toEqual(['key']);
    expect(fields({ key: 'a b', count: '0', atOnce: '11' })).toEqual(['key', 'count', 'atOnce']);
  });

  it.each(NAMES)('of %s: a get finds what a put wrote, each after some hops', async (name) => {
    const session = await RequestSession.open(launchOf(createForm(name)));
    const put = await session.run({ ...ONE, operation: 'put', value: 'green' });
    await session.wait(3_000);
    const [get] = await session.run({ ...ONE, operation: 'get' });
    await session.stop();
    expect(put).toMatchObject([{ operation: 'put', isStale: false, answer: { outcome: 'ok' } }]);
    expect(get).toMatchObject({ isStale: false, answer: { outcome: 'ok', value: 'green' } });
    expect(get?.ms).toBeGreaterThanOrEqual(20);
  });

  it('of a session replace what it has read, and nothing else', async () => {
    const form = formWith('quorum', { versions: 'vector', read: '2', write: '2' });
    const session = await RequestSession.open(launchOf(form));
    const order = { ...ONE, operation: 'put', value: 'a' } as const;
    await session.run(order);
    await session.run({ ...ONE, operation: 'get' });
    await session.run({ ...order, value: 'b' });
    const [get] = await session.run({ ...ONE, operation: 'get' });
    expect(get?.answer).toMatchObject({ value: 'b' });
    expect(get?.answer.siblings).toBeUndefined();
    // Two clients at once have not seen each other's put.
    await session.run({ ...order, value: 'c', count: 2, atOnce: 2 });
    const [both] = await session.run({ ...ONE, operation: 'get' });
    expect(both?.answer.siblings).toHaveLength(2);
    expect(both?.isStale).toBe(false);
    await session.stop();
  });

  it('are stale by as much as the design lets them be', async () => {
    const pairs = async (texts: Readonly<Record<string, string>>) => {
      const form = formWith('sharded', { servers: '6', interval: 'off', ...texts });
      const session = await RequestSession.open(launchOf(form));
      const sample = new Sample();
      const order = { ...ONE, operation: 'pair', count: 600 } as const;
      sample.add((await session.run(order)).filter(({ operation }) => operation === 'get'));
      await session.stop();
      return sample.figures().staleShare;
    };
    expect(await pairs({ sync: '0' })).toBeCloseTo(2 / 3, 1);
    expect(await pairs({ sync: '2' })).toBe(0);
  });

  it('that nothing answers have failed', async () => {
    const form = formWith('quorum', { loss: '1', timeout: '200ms' });
    const session = await RequestSession.open(launchOf(form));
    const sample = new Sample();
    sample.add(await session.run({ ...ONE, operation: 'get', count: 4, atOnce: 2 }));
    await session.stop();
    const failed = { requests: 4, failedShare: 1, count: 0, meanMs: null, sumMs: 0 };
    expect(sample.figures()).toMatchObject(failed);
  });

  it('are the same for the same seed', async () => {
    const timesOf = async (seed: string) => {
      const form = formWith('quorum', { delay: 'normal', seed });
      const session = await RequestSession.open(launchOf(form));
      const dones = await session.run({ ...ONE, operation: 'put', count: 40, atOnce: 4 });
      await session.stop();
      return dones.map(({ ms }) => ms);
    };
    expect(await timesOf('1')).toEqual(await timesOf('1'));
    expect(await timesOf('2')).not.toEqual(await timesOf('1'));
  });
});

describe('parts', () => {
  it('are all requests, and take about as long as wanted', () => {
    const parts = new Parts(20_000, 10);
    const sizes: number[] = [];
    while (parts.next > 0) {
      sizes.push(parts.next);
      // Ten requests a millisecond, and then one.
      parts.took(parts.next / (sizes.length < 5 ? 10 : 1));
    }
    expect(sizes.slice(0, 7)).toEqual([100, 400, 1_500, 1_500, 1_500, 150, 150]);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(20_000);
    expect(parts.done).toBe(20_000);
  });

  it('are never smaller than what is done at once, but for the last', () => {
    const parts = new Parts(25, 10);
    parts.took(10_000);
    expect(parts.done).toBe(25);
    const slow = new Parts(130, 10);
    slow.took(100_000);
    expect([slow.done, slow.next]).toEqual([100, 10]);
  });
});

describe('as a script', () => {
  test('it has as many clients as send at once, and no more than requests', () => {
    const order = { ...ONE, operation: 'get', count: 3, atOnce: 10 } as const;
    const script = toScript(launchOf(createForm('chain')), order);
    expect(script.match(/^get .*$/gm)).toEqual(['get 100 1', 'get 101 1', 'get 102 1']);
    expect(script.match(/^joinClient .* 0$/gm)).toHaveLength(3);
  });

  const orders: RequestOrder[] = [
    { ...ONE, operation: 'put' },
    { ...ONE, operation: 'pair', count: 5, atOnce: 2, value: '' },
    { ...ONE, operation: 'get', count: 100, atOnce: 10 },
  ];
  test.each(NAMES.flatMap((name) => orders.map((order) => [name, order] as const)))(
    'of %s, %j has no invalid line',
    async (protocol, order) => {
      const launch = launchOf(formWith(protocol, { name: 'a\nb', delay: 'normal' }));
      const script = toScript(launch, order);
      const { said, failure, history } = await runScript({
        ...{ script, protocol: 'causal', seed: 1, faults: '' },
      });
      expect(failure).toBeUndefined();
      expect(said.filter(({ text }) => /: E_/.test(text))).toEqual([]);
      const each = order.operation === 'pair' ? 2 : 1;
      expect(history).toHaveLength(order.count * each);
    },
  );
});
