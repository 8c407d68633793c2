// Addresses of `protocol nats endpoints=` at which there is no NATS, or one that is in trouble: a
// run says so, and is not ended by what it reads there.
import { afterAll, describe, expect, it } from 'vitest';
import { IS_FULL } from '../support/extent.ts';
import { FOR_LONG } from './engineScripts.ts';
import { type FakeNats, type FakeTerms, startFakeNats } from './fakeNats.ts';
import { type Ran, runNodes } from './runNodes.ts';

const fakes: FakeNats[] = [];
afterAll(() => {
  for (const fake of fakes) fake.close();
});

async function start(terms: FakeTerms): Promise<FakeNats> {
  const fake = await startFakeNats(terms);
  fakes.push(fake);
  return fake;
}

function run(addresses: readonly string[], lines: readonly string[]): Promise<Ran> {
  const first = `protocol nats timeout=1s endpoints=${addresses.join(',')}`;
  return runNodes(`${[first, ...lines].join('\n')}\n`);
}

/** As NATS shows a bucket that is there. */
const BUCKET = JSON.stringify({ config: { allow_direct: true }, state: {}, cluster: {} });

describe('protocol nats with endpoints=', () => {
  it.each(['nonsense', '{}', 'null', '[]', '{"error":5}'])(
    'takes no %s for a bucket',
    async (told) => {
      const { address } = await start({ answer: () => told });
      const ran = await run([address], ['joinServer 0']);
      expect(ran.stderr).toMatch(
        /^causeway: note: server 0 could not join: .*no bucket with 1 replicas: /,
      );
    },
  );

  it('takes no web server for NATS, and says where nothing listens', async () => {
    const { address } = await start({ greeting: 'HTTP/1.1 400 Bad Request\r\n\r\n' });
    const ran = await run([address, '127.0.0.1:1'], ['joinServer 0', 'joinServer 1']);
    expect(ran.stderr).toMatch(/server 0 could not join: .*no connection to 127\.0\.0\.1:\d+: /);
    expect(ran.stderr).toMatch(
      /server 1 could not join: .*no connection to 127\.0\.0\.1:1: connection refused/,
    );
  });

  it.each(['{}', 'nonsense', '{"stream":"KV","seq":"7"}', '{"message":{"seq":-1}}'])(
    'leaves open what is answered with %s',
    async (told) => {
      const isBucket = (subject: string): boolean => /STREAM\.(INFO|MSG)/.test(subject);
      let isThere = false;
      const { address } = await start({
        answer: (subject) => {
          if (!isBucket(subject)) return told;
          // The look at the bucket when the server joins.
          if (subject.includes('INFO')) return BUCKET;
          if (isThere) return told;
          isThere = true;
          return '{"error":{"code":404,"err_code":10037,"description":"no message found"}}';
        },
      });
      const lines = ['joinServer 0', 'joinClient 5 0', 'put 5 x 1', 'get 5 x leader'];
      const ran = await run([address], [...lines, 'cas 5 x 1 2', 'delete 5 x']);
      expect(ran.stdout).toBe('x:ERR_NATS_FAILED\nx:ERR_NATS_FAILED\n');
      expect(ran.stderr).toMatch(/:4: note: ERR_NATS_FAILED: .*may have done it or not/);
      expect(ran.stderr).toMatch(/:7: note: ERR_NATS_FAILED: .*may have done it or not/);
      expect(ran.status).toBe(0);
    },
  );
});

describe.runIf(IS_FULL).concurrent('protocol nats with endpoints= that are silent', () => {
  it('says which one', FOR_LONG, async () => {
    const { address } = await start({ greeting: '' });
    const ran = await run([address], ['joinServer 0']);
    expect(ran.stderr).toContain(`no connection to ${address}: timeout`);
  });

  it('removes a bucket whose creation had no answer', FOR_LONG, async () => {
    const { address, asked } = await start({
      answer: (subject) => {
        if (subject.includes('STREAM.CREATE')) return undefined;
        return '{"error":{"code":404,"err_code":10059,"description":"stream not found"}}';
      },
    });
    const ran = await run([address], ['joinServer 0']);
    expect(ran.stderr).toMatch(/server 0 could not join: .*no bucket with 1 replicas: /);
    expect(asked.map((subject) => subject.split('.')[3])).toEqual(['INFO', 'CREATE', 'DELETE']);
  });
});
