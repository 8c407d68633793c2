// What must hold of Causeway's decisions about a cluster of etcd: a server counts as ready only if
// it is, an answer says no more than etcd said, and what etcd may have done is never called undone.
// The twins of these decisions are built with it.
import { toCallError } from '../../src/engines/etcd/errors.ts';
import type { Status } from '../../src/engines/etcd/gateway.ts';
import { doesVote, leftovers } from '../../src/engines/etcd/membership.ts';
import { type NextStep, nextStep } from '../../src/engines/etcd/readiness.ts';
import { endOf, readPage, toAnswer, toCall } from '../../src/engines/etcd/requests.ts';

/** The first law that does not hold, in a sentence. */
export function findComplaint(): string | undefined {
  const laws = [readinessLaw, membershipLaw, answerLaw, levelLaw, errorLaw, pageLaw];
  return laws.map((law) => law()).find(Boolean);
}

type Seen = Pick<Status, 'leader' | 'revision'>;

/** Server 0 of three, with the members' ids as the servers' own. */
function step(
  seen: readonly (Seen | undefined)[],
  { voters = [0, 1, 2], unlinked = '' }: { voters?: number[]; unlinked?: string } = {},
): NextStep {
  const statuses = seen.flatMap((status, id) =>
    status === undefined ? [] : [[id, { ...NOTHING, ...status, member: String(id) }] as const],
  );
  return nextStep({
    server: 0,
    voters,
    reached: statuses.map(([id]) => id),
    statuses: new Map(statuses),
    serverOf: Number,
    areLinked: (a, b) => unlinked !== `${Math.min(a, b)} ${Math.max(a, b)}`,
  });
}

const NOTHING = { term: 1, index: 1, applied: 1, isLearner: false };
const AT = (revision: number, leader?: string): Seen => ({ revision, leader });

function readinessLaw(): string | undefined {
  const cases: [string, NextStep, NextStep][] = [
    ['three that are equal', step([AT(5, '1'), AT(5, '1'), AT(5, '1')]), end()],
    ['a follower that is behind', step([AT(5, '1'), AT(5, '1'), AT(4, '1')]), { kind: 'wait' }],
    ['one that is behind itself', step([AT(4, '1'), AT(5, '1'), AT(5, '1')]), { kind: 'wait' }],
    ['two of three', step([AT(5, '1'), AT(5, '1'), undefined]), end()],
    ['one of three', step([AT(5, '0'), undefined, undefined]), end(1, 2)],
    ['two of four', step([AT(5, '0'), AT(5, '0')], { voters: [0, 1, 2, 3] }), end(2, 3)],
    ['no leader', step([AT(5), AT(5), AT(5)]), { kind: 'wait' }],
    ['a leader that is gone', step([AT(5, '2'), AT(5, '2'), undefined]), { kind: 'wait' }],
    ['two leaders', step([AT(5, '0'), AT(5, '1'), AT(5, '0')]), { kind: 'wait' }],
    [
      'a follower that the leader does not reach',
      step([AT(5, '1'), AT(5, '1'), AT(4, '1')], { unlinked: '1 2' }),
      end(),
    ],
    [
      'a learner',
      step([AT(4, '1'), AT(5, '1'), AT(5, '1')], { voters: [1, 2] }),
      { kind: 'promote', leader: 1 },
    ],
  ];
  const wrong = cases.find(([, found, right]) => JSON.stringify(found) !== JSON.stringify(right));
  return wrong && `with ${wrong[0]} the next step is ${JSON.stringify(wrong[1])}`;
}

function end(...awaited: number[]): NextStep {
  return { kind: 'end', awaited };
}

/** Server 1 votes, server 2 is a learner, and 3 was added for a server that never came. */
const LISTED = [
  { ID: '1', peerURLs: ['http://one'] },
  { ID: '2', peerURLs: ['http://two'], isLearner: true },
  { ID: '3', peerURLs: ['http://gone'], isLearner: true },
];

function membershipLaw(): string | undefined {
  const known = new Set(['http://one', 'http://two']);
  const added = leftovers(LISTED, 'http://three', known);
  if (added.own !== undefined) return `a new member is taken for the member ${added.own}`;
  if (added.strangers.join() !== '3') return `removed as strangers are ${added.strangers}`;
  const again = leftovers(LISTED, 'http://gone', known);
  if (again.own !== '3') return 'a member whose addition was not answered is added again';
  if (again.strangers.length > 0) return 'a member that is being added is removed';
  const voting = ['1', '2', '4'].filter((id) => doesVote(LISTED, id));
  return voting.join() === '1' ? undefined : `those that vote are ${voting}`;
}

const GET = { kind: 'get', key: 'x', modifiers: [] } as const;
const header = { revision: '9' };
const kvs = [{ key: 'eA==', value: 'djE=', mod_revision: '7' }];

function answerLaw(): string | undefined {
  const cas = { kind: 'cas', key: 'x', expected: 'a', value: 'b', modifiers: [] } as const;
  const put = { kind: 'put', key: 'x', value: 'v', modifiers: [] } as const;
  const removal = { kind: 'delete', key: 'x', modifiers: [] } as const;
  const failed = { header, responses: [{ response_range: { kvs } }] };
  const cases: [string, object, object][] = [
    [
      'a value',
      toAnswer(GET, 1, { header, kvs }),
      { outcome: 'ok', value: 'v1', version: [7, 0, 0], applied: [[0, 0, 9]] },
    ],
    [
      'the empty value',
      toAnswer(GET, 1, { header, kvs: [{ key: 'eA==', mod_revision: '7' }] }),
      { outcome: 'ok', value: '' },
    ],
    ['no value', toAnswer(GET, 1, { header }), { outcome: 'absent', value: null, version: null }],
    ['a put', toAnswer(put, 1, { header }), { outcome: 'ok', version: [9, 0, 0] }],
    ['a deletion', toAnswer(removal, 1, { header, deleted: '1' }), { version: [9, 0, 0] }],
    ['a deletion of nothing', toAnswer(removal, 1, { header }), { outcome: 'ok', version: null }],
    [
      'a compare that succeeds',
      toAnswer(cas, 1, { header, succeeded: true }),
      { isSet: true, value: 'b', version: [9, 0, 0] },
    ],
    [
      'a compare that fails',
      toAnswer(cas, 1, failed),
      { isSet: false, found: { value: 'v1', version: [7, 0, 0] } },
    ],
    [
      'a compare of nothing',
      toAnswer(cas, 1, { header }),
      { isSet: false, found: { value: null } },
    ],
  ];
  for (const [name, answer, expected] of cases) {
    for (const [field, value] of Object.entries(expected)) {
      const found = (answer as { [field: string]: unknown })[field];
      const isRight = field === 'found' ? hasAll(found, value) : same(found, value);
      if (!isRight) return `${name} is answered with ${field} ${JSON.stringify(found)}`;
    }
  }
  return undefined;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function hasAll(found: unknown, expected: object): boolean {
  const fields = found as { [field: string]: unknown };
  return Object.entries(expected).every(([field, value]) => same(fields?.[field], value));
}

function levelLaw(): string | undefined {
  for (const usual of ['linearizable', 'serializable'] as const) {
    for (const named of ['linearizable', 'serializable', undefined]) {
      const request = { ...GET, modifiers: named === undefined ? [] : [named] };
      const { serializable } = toCall(request, '', usual).body;
      const level = named ?? usual;
      if (serializable !== (level === 'serializable')) return `a ${level} read is the other one`;
    }
  }
  return undefined;
}

/** By gRPC's code. All but those that come before any effect leave the outcome open. */
function errorLaw(): string | undefined {
  for (let code = 1; code <= 16; code += 1) {
    const isDefinite = [3, 7, 8, 12, 16].includes(code);
    const error = toCallError({ code, message: 'why' });
    if (error.definite !== isDefinite)
      return `code ${code} counts as ${definitely(error.definite)}`;
  }
  const full = toCallError({ code: 8, message: 'etcdserver: mvcc: database space exceeded' });
  if (full.definite) return 'a write that may have filled the space counts as undone';
  const learner = toCallError({ code: 14, error: 'etcdserver: rpc not supported for learner' });
  if (!learner.definite) return 'the refusal of a learner leaves the outcome open';
  return toCallError(undefined).definite ? 'an answer that is no JSON counts as undone' : undefined;
}

function definitely(isDefinite: boolean): string {
  return isDefinite ? 'undone' : 'open';
}

function pageLaw(): string | undefined {
  const page = readPage('p/', { header, more: true, kvs: [{ key: 'cC94', mod_revision: '7' }] });
  if (page.entries[0]?.[0] !== 'x') return `the key p/x is shown as ${page.entries[0]?.[0]}`;
  if (page.next !== 'p/x\0') return `after p/x the next page begins at ${page.next}`;
  return endOf('p/') === 'p0' ? undefined : `the keys of p/ end before ${endOf('p/')}`;
}
