// Failing twins of Causeway's decisions about a cluster of NATS.
import type { Twin } from './mutate.ts';

const IN = 'src/engines/nats';

export const NATS_TWINS: readonly Twin[] = [
  {
    name: 'half of the members count as a majority',
    edits: [
      {
        file: `${IN}/readiness.ts`,
        find: '.length > voters.length / 2',
        replace: '.length >= voters.length / 2',
      },
    ],
    caughtBy: /with two of four the next step/,
  },
  {
    name: 'a server is ready before it is as far as the others',
    edits: [
      {
        file: `${IN}/readiness.ts`,
        find: 'seen?.sequence === own.sequence',
        replace: '(seen?.sequence ?? 0) <= own.sequence',
      },
    ],
    caughtBy: /with a follower that is behind the next step is .*end/,
  },
  {
    name: 'a dead leader counts as the leader',
    edits: [{ file: `${IN}/readiness.ts`, find: '|| !reached.includes(leader)', replace: '' }],
    caughtBy: /with a leader that is gone/,
  },
  {
    name: 'a replica is read before it answers',
    edits: [{ file: `${IN}/readiness.ts`, find: ' && isServing(id)', replace: '' }],
    caughtBy: /with a replica that is not asked yet/,
  },
  {
    name: 'the bucket does not get a replica at a new server',
    edits: [{ file: `${IN}/readiness.ts`, find: 'most < replicas', replace: 'most < 1' }],
    caughtBy: /with a bucket of two the next step/,
  },
  {
    name: 'a server may come while two others still begin a cluster',
    edits: [
      { file: `${IN}/readiness.ts`, find: 'reached.length < 2', replace: 'reached.length < 3' },
    ],
    caughtBy: /a third server comes before there is a cluster/,
  },
  {
    name: 'a silence counts as undone',
    edits: [{ file: `${IN}/errors.ts`, find: "'ERR_UNREACHABLE'", replace: "'ERR_NATS_REFUSED'" }],
    caughtBy: /TimeoutError counts as undone/,
  },
  {
    name: 'an error that leaves the outcome open counts as undone',
    edits: [{ file: `${IN}/errors.ts`, find: '[10023, ', replace: '[10077, 10023, ' }],
    caughtBy: /code 10077 counts as the other/,
  },
  {
    name: 'a write that came too late is not tried again',
    edits: [
      {
        file: `${IN}/errors.ts`,
        find: "new Conflict('ERR_NATS",
        replace: "new CallError('ERR_NATS",
      },
    ],
    caughtBy: /a write that is too late is no conflict/,
  },
  {
    name: 'a value over the limit of the server leaves the outcome open',
    edits: [{ file: `${IN}/errors.ts`, find: 'UNSENT.has(name) || ', replace: '' }],
    caughtBy: /a value over the limit is not refused/,
  },
  {
    name: 'an answer that may not be heard counts as a write that may not be made',
    edits: [{ file: `${IN}/errors.ts`, find: " && operation === 'publish'", replace: '' }],
    caughtBy: /a forbidden subscription counts as the other/,
  },
  {
    name: 'what is read does not go on',
    edits: [{ file: `${IN}/errors.ts`, find: '>= least', replace: '>= 1' }],
    caughtBy: /6 is taken for a number of a message/,
  },
  {
    name: 'the replica of a server that is down does not count',
    edits: [
      {
        file: `${IN}/readiness.ts`,
        find: ', ...existing.flatMap((bucket) => bucket.holders)',
        replace: '',
      },
    ],
    caughtBy: /one that is down the next step/,
  },
  {
    name: 'each line waits for a server of others that is dead',
    edits: [{ file: `${IN}/bucketClient.ts`, find: 'offline === true || ', replace: '' }],
    caughtBy: /a dead server is waited for/,
  },
  {
    name: 'any number is a port',
    edits: [{ file: `${IN}/options.ts`, find: ' && Number(port) < 65_536', replace: '' }],
    caughtBy: /a:65536 counts as an address/,
  },
  {
    name: 'a deletion counts as the empty value',
    edits: [{ file: `${IN}/requests.ts`, find: "['DEL', 'PURGE']", replace: "['PURGE']" }],
    caughtBy: /a deleted value is answered with outcome "ok"/,
  },
  {
    name: 'a read says that it has seen what was written meanwhile',
    edits: [{ file: `${IN}/requests.ts`, find: 'if (before !== after) return null;', replace: '' }],
    caughtBy: /a read while it changes is answered with applied/,
  },
  {
    name: 'another bucket is looked at',
    edits: [
      { file: `${IN}/status.ts`, find: 'name === stream', replace: "name.startsWith('KV_')" },
    ],
    caughtBy: /a status is read as/,
  },
  {
    name: 'a level of a read is not heard',
    edits: [{ file: `${IN}/options.ts`, find: 'used[0] ?? reads', replace: 'reads' }],
    caughtBy: /read is the other one/,
  },
];
