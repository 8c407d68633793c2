// What must hold of Causeway's decisions about a cluster of NATS: a server counts as ready only if
// it is, an answer says no more than NATS said, and what NATS may have done is never called undone.
// The twins of these decisions are built with it.
import { areEquallyFar } from '../../src/engines/nats/bucketClient.ts';
import { Conflict, toCallError, toRevision } from '../../src/engines/nats/errors.ts';
import { levelOf, options } from '../../src/engines/nats/options.ts';
import {
  canGrow,
  isAlone,
  type NextStep,
  nextStep,
  type Sight,
} from '../../src/engines/nats/readiness.ts';
import {
  encodeKey,
  keyOf,
  toApplied,
  toCasAnswer,
  toEntry,
  toFailedCasAnswer,
  toFound,
  toReadAnswer,
  toWriteAnswer,
} from '../../src/engines/nats/requests.ts';
import { isServing, type Status, toStatus } from '../../src/engines/nats/status.ts';

/** The first law that does not hold, in a sentence. */
export function findComplaint(): string | undefined {
  return [growthLaw, readinessLaw, statusLaw, elsewhereLaw, answerLaw, levelLaw, errorLaw]
    .map((law) => law())
    .find(Boolean);
}

interface Seen {
  readonly sequence?: number;
  readonly leader?: number;
  readonly replicas?: number;
  readonly holders?: number[];
  readonly meta?: number;
}

interface Terms {
  readonly voters?: number[];
  /** As the leader of the cluster knows them. */
  readonly members?: number[];
  readonly unlinked?: string;
  readonly notServing?: number;
}

/** Server 0 of three; undefined is a server that it does not reach. */
function step(seen: readonly (Seen | undefined)[], terms: Terms = {}): NextStep {
  return nextStep(look(seen, terms));
}

function look(seen: readonly (Seen | undefined)[], terms: Terms = {}): Sight {
  const { voters = [0, 1, 2], members = [0, 1, 2], unlinked = '', notServing } = terms;
  const statuses = seen.flatMap((one, id) => {
    if (one === undefined) return [];
    const { sequence, leader, replicas = 3, holders = [0, 1, 2], meta = 1 } = one;
    const own = { leader, replicas, holders, sequence: sequence ?? 0, messages: 1 };
    const bucket = sequence === undefined ? undefined : own;
    const known = meta === id ? members : [id];
    return [[id, { metaLeader: meta < 0 ? undefined : meta, members: known, bucket }] as const];
  });
  return {
    ...{ server: 0, voters, reached: statuses.map(([id]) => id) },
    statuses: new Map<number, Status>(statuses),
    isServing: (id) => id !== notServing,
    areLinked: (a, b) => unlinked !== `${Math.min(a, b)} ${Math.max(a, b)}`,
  };
}

const AT = (sequence: number, leader?: number): Seen =>
  leader === undefined ? { sequence } : { sequence, leader };
const EQUAL = [AT(5, 1), AT(5, 1), AT(5, 1)];
const EMPTY: Seen = {};
const HAS_TWO: Seen = { ...AT(5, 1), replicas: 2, holders: [1, 2] };
const KEPT: Seen = { ...AT(5, 1), holders: [1, 2, 3] };

/** A server may come if it is to begin a cluster with one other, or if a majority has a leader. */
function growthLaw(): string | undefined {
  const may = (sight: Sight): boolean => canGrow(sight) || isAlone(sight);
  const none = { ...AT(0), meta: -1 };
  if (!may(look([none], { voters: [] }))) return 'a second server does not come';
  if (may(look([none, none], { voters: [] }))) {
    return 'a third server comes before there is a cluster';
  }
  if (!may(look(EQUAL))) return 'a server does not come to a cluster with a leader';
  const few = look([{ ...AT(5, 0), meta: 0 }, undefined, undefined]);
  return may(few) ? 'a server comes to a cluster without a majority' : undefined;
}

function readinessLaw(): string | undefined {
  const wait: NextStep = { kind: 'wait' };
  const cases: [string, NextStep, NextStep][] = [
    ['three that are equal', step(EQUAL), end()],
    ['a follower that is behind', step([AT(5, 1), AT(5, 1), AT(4, 1)]), wait],
    [
      'one that knows of fewer replicas',
      step([AT(5, 1), AT(5, 1), { ...AT(5, 1), replicas: 2 }]),
      wait,
    ],
    ['one that is behind itself', step([AT(4, 1), AT(5, 1), AT(5, 1)]), wait],
    ['two of three', step([AT(5, 1), AT(5, 1), undefined]), end()],
    ['one of three', step([{ ...AT(5, 0), meta: 0 }, undefined, undefined]), end(1, 2)],
    ['two of four', step([AT(5, 1), AT(5, 1)], { voters: [0, 1, 2, 3] }), end(2, 3)],
    ['no leader', step([AT(5), AT(5), AT(5)]), wait],
    ['a leader that is gone', step([AT(5, 2), AT(5, 2), undefined]), wait],
    ['two leaders', step([AT(5, 0), AT(5, 1), AT(5, 0)]), wait],
    ['no leader of the cluster', step(EQUAL.map((one) => ({ ...one, meta: -1 }))), wait],
    ['a replica that is not asked yet', step(EQUAL, { notServing: 2 }), wait],
    [
      'a follower that the leader does not reach',
      step([AT(5, 1), AT(5, 1), AT(4, 1)], { unlinked: '1 2' }),
      end(),
    ],
    ['the first server', step([{ meta: -1 }], { voters: [] }), end()],
    ['two that have no cluster yet', step([{ meta: -1 }, { meta: -1 }], { voters: [] }), wait],
    ['one that the cluster does not know', step(EQUAL, { members: [1, 2] }), wait],
    ['no bucket', step([EMPTY, EMPTY, EMPTY]), { kind: 'create', replicas: 3 }],
    ['a bucket of two', step([EMPTY, HAS_TWO, HAS_TWO]), GROW],
    ['a bucket of two, and one that is down', step([EMPTY, HAS_TWO, undefined]), GROW],
    [
      'a bucket of three, one of which is down, and a new server',
      step([EMPTY, KEPT, KEPT], { voters: [0, 1, 2, 3] }),
      { kind: 'grow', replicas: 4 },
    ],
  ];
  const wrong = cases.find(([, found, right]) => JSON.stringify(found) !== JSON.stringify(right));
  return wrong && `with ${wrong[0]} the next step is ${JSON.stringify(wrong[1])}`;
}

const GROW: NextStep = { kind: 'grow', replicas: 3 };

function end(...awaited: number[]): NextStep {
  return { kind: 'end', awaited };
}

function statusLaw(): string | undefined {
  const streams = [
    { name: 'KV_other', state: { last_seq: 7 } },
    {
      ...{
        name: 'KV_own',
        cluster: { leader: 's2', replicas: [{ name: 's2' }, { name: 's0' }] },
        config: { num_replicas: 3 },
      },
      state: { last_seq: 9, messages: 4 },
    },
  ];
  const meta = { leader: 's1', replicas: [{ name: 's2' }, { name: 'Server name unknown' }] };
  const body = { meta_cluster: meta, account_details: [{ stream_detail: streams }] };
  const bucket = { leader: 2, replicas: 3, holders: [1, 2, 0], sequence: 9, messages: 4 };
  const seen = toStatus(1, 'KV_own', body);
  if (!same(seen, { metaLeader: 1, members: [1, 2], bucket })) {
    return `a status is read as ${JSON.stringify(seen)}`;
  }
  const alone = toStatus(0, 'KV_own', {});
  if (alone.metaLeader !== undefined || alone.bucket !== undefined) return 'nothing has a leader';
  const subject = '$JS.API.DIRECT.GET.KV_own';
  const list = (...all: string[]) => ({ subscriptions_list: all.map((one) => ({ subject: one })) });
  if (!isServing('KV_own', list('$JS.API.>', subject))) return 'a replica that answers does not';
  const others = list('$JS.API.>', `${subject}s`);
  return isServing('KV_own', others) ? 'a replica that does not answer does' : undefined;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function answerLaw(): string | undefined {
  for (const key of ['x', 'é ?', 'a.b.*>', '0', '>']) {
    const encoded = encodeKey(key);
    if (!/^[-\w]+$/.test(encoded)) return `the key ${key} is sent as ${encoded}`;
    if (keyOf(`$KV.b.${encoded}`) !== key) return `the key ${key} comes back as another one`;
  }
  const found = toFound(Buffer.from('v1'), 'PUT', 7);
  const removed = toFound(Buffer.from(''), 'DEL', 8);
  const nothing = { value: null, version: null };
  const cases: [string, object, object][] = [
    [
      'a value',
      toReadAnswer(1, found, toApplied(9, 9)),
      { outcome: 'ok', value: 'v1', version: [7, 0, 0], applied: [[0, 0, 9]] },
    ],
    ['the empty value', toReadAnswer(1, toFound(Buffer.from(''), 'PUT', 7), null), { value: '' }],
    ['a deleted value', toReadAnswer(1, removed, null), { outcome: 'absent', version: null }],
    ['no value', toReadAnswer(1, undefined, toApplied(0, 0)), { outcome: 'absent', applied: [] }],
    ['a read while it changes', toReadAnswer(1, found, toApplied(8, 9)), { applied: null }],
    ['a write', toWriteAnswer(1, 7), { outcome: 'ok', version: [7, 0, 0], applied: null }],
    ['a compare that succeeds', toCasAnswer(1, 'b', 7), { isSet: true, version: [7, 0, 0] }],
    [
      'a compare that fails',
      toFailedCasAnswer(1, 'b', found),
      { isSet: false, found: { value: 'v1', version: [7, 0, 0] } },
    ],
    ['a compare of nothing', toFailedCasAnswer(1, 'b', removed), { isSet: false, found: nothing }],
  ];
  for (const [name, answer, expected] of cases) {
    for (const [field, value] of Object.entries(expected)) {
      const got = (answer as { [field: string]: unknown })[field];
      if (!same(got, value)) return `${name} is answered with ${field} ${JSON.stringify(got)}`;
    }
  }
  const entries = [...toEntry('x', found), ...toEntry('y', removed)];
  return same(entries, [['x', 'v1', [7, 0, 0]]]) ? undefined : 'a deleted key is in the store';
}

function levelLaw(): string | undefined {
  for (const reads of ['direct', 'leader']) {
    for (const named of ['direct', 'leader', undefined]) {
      const level = levelOf({ reads }, named === undefined ? [] : [named]);
      if (level !== (named ?? reads)) return `a ${named ?? reads} read is the other one`;
    }
  }
  return undefined;
}

function libraryError(
  name: string,
  more: { code?: number; cause?: Error; operation?: string } = {},
): Error {
  return Object.assign(new Error('why'), { name, ...more });
}

/** All but those that come before any effect leave the outcome open. */
function errorLaw(): string | undefined {
  const api = (code: number): Error => libraryError('JetStreamApiError', { code });
  for (const [seen, least] of [[undefined], [NaN], ['7'], [0], [6, 7]] as const) {
    try {
      toRevision(seen, least);
      return `${seen} is taken for a number of a message`;
    } catch {}
  }
  if (toRevision(7, 7) !== 7) return 'the number of a message is refused';
  if (!(toCallError(api(10071)) instanceof Conflict))
    return 'a write that is too late is no conflict';
  for (const code of [10008, 10023, 10054, 10059, 10071, 10074, 10077, 10109]) {
    const isDefinite = [10023, 10054, 10059, 10071, 10109].includes(code);
    if (toCallError(api(code)).definite !== isDefinite) return `code ${code} counts as the other`;
  }
  const silent = libraryError('NoResponders');
  const wrapped = libraryError('RequestError', { cause: silent });
  for (const error of [wrapped, libraryError('JetStreamNotEnabled', { cause: wrapped })]) {
    const { definite, data } = toCallError(error);
    if (!definite) return 'a request that nobody takes leaves the outcome open';
    if (data !== undefined) return 'a request that nobody takes is explained by the library';
  }
  for (const name of ['TimeoutError', 'RequestError', 'ClosedConnectionError']) {
    if (toCallError(libraryError(name)).definite) return `${name} counts as undone`;
  }
  for (const operation of ['publish', 'subscription']) {
    const cause = libraryError('PermissionViolationError', { operation });
    const { definite } = toCallError(libraryError('RequestError', { cause }));
    if (definite !== (operation === 'publish'))
      return `a forbidden ${operation} counts as the other`;
  }
  const tooLarge = toCallError(libraryError('InvalidArgumentError'));
  if (tooLarge.code !== 'ERR_NATS_REFUSED') return 'a value over the limit is not refused';
  for (const nonsense of [new TypeError('no field'), new SyntaxError('no JSON'), null, 'text']) {
    if (toCallError(nonsense).code !== 'ERR_NATS_FAILED') {
      return 'an answer that is no answer of NATS does not count as a failure';
    }
  }
  return undefined;
}

/** Of a cluster that runs already. */
function elsewhereLaw(): string | undefined {
  const equal = { current: true, lag: 0 };
  const dead = { current: false, offline: true, lag: 7 };
  if (!areEquallyFar([equal, { current: true }, dead])) return 'a dead server is waited for';
  if (areEquallyFar([equal, { current: true, lag: 1 }])) return 'a server that is behind is equal';
  if (areEquallyFar([{ current: false }])) return 'a server that catches up is equal';
  const refused = (text: string): boolean => options.endpoints?.refuse?.(text) !== undefined;
  const wrong = ['a:0', 'a:65536', 'a:99999', 'a', ':1', 'u:p@a:1', 'nats://a:1', 'a:1,', 'a b:1'];
  const taken = wrong.find((text) => !refused(text));
  if (taken !== undefined) return `${taken} counts as an address`;
  return refused('a:1,10.0.0.2:65535') ? 'an address is refused' : undefined;
}
