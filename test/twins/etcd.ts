// Failing twins of Causeway's decisions about a cluster of etcd.
import type { Twin } from './mutate.ts';

const IN = 'src/engines/etcd';

export const ETCD_TWINS: readonly Twin[] = [
  {
    name: 'half of the members count as a majority',
    edits: [
      {
        file: `${IN}/readiness.ts`,
        find: 'some.length > voters.length / 2',
        replace: 'some.length >= voters.length / 2',
      },
    ],
    caughtBy: /with two of four the next step/,
  },
  {
    name: 'a server is ready before it is as far as the others',
    edits: [
      {
        file: `${IN}/readiness.ts`,
        find: 'status?.revision === own.revision',
        replace: '(status?.revision ?? 0) <= own.revision',
      },
    ],
    caughtBy: /with a follower that is behind the next step is .*end/,
  },
  {
    name: 'a dead leader counts as the leader',
    edits: [
      {
        file: `${IN}/readiness.ts`,
        find: '|| !reached.includes(leader)',
        replace: '',
      },
    ],
    caughtBy: /with a leader that is gone/,
  },
  {
    name: 'an error that leaves the outcome open counts as undone',
    edits: [{ file: `${IN}/errors.ts`, find: 'new Set([3, 7,', replace: 'new Set([3, 7, 14,' }],
    caughtBy: /code 14 counts as undone/,
  },
  {
    name: 'a write that fills the space counts as undone',
    edits: [{ file: `${IN}/errors.ts`, find: '&& !says(FULL)', replace: '' }],
    caughtBy: /may have filled the space counts as undone/,
  },
  {
    name: 'a learner that no server is stays a member',
    edits: [
      {
        file: `${IN}/membership.ts`,
        find: '&& !isKnown(member)',
        replace: '&& isKnown(member)',
      },
    ],
    caughtBy: /removed as strangers are/,
  },
  {
    name: 'a learner counts as a member that votes',
    edits: [{ file: `${IN}/membership.ts`, find: ' && !isLearner)', replace: ')' }],
    caughtBy: /those that vote are 1,2/,
  },
  {
    name: 'a read has the version of the whole store',
    edits: [
      {
        file: `${IN}/requests.ts`,
        find: 'version: versionOf(found), ...about }',
        replace: 'version: toVersion(header?.revision), ...about }',
      },
    ],
    caughtBy: /a value is answered with version \[9,0,0\]/,
  },
  {
    name: 'a deletion of nothing has a version',
    edits: [
      {
        file: `${IN}/requests.ts`,
        find: "deleted === '0' ? null :",
        replace: "deleted === '' ? null :",
      },
    ],
    caughtBy: /a deletion of nothing is answered with version/,
  },
  {
    name: 'a level of a read is not heard',
    edits: [
      {
        file: `${IN}/requests.ts`,
        find: 'request.modifiers[0] ?? usual',
        replace: 'usual',
      },
    ],
    caughtBy: /read is the other one/,
  },
];
