// The four session guarantees: from vectors against a plain reading of the definitions, and from
// versions and values on small histories made by hand.
import { describe, expect, it } from 'vitest';
import { createModel } from '../../src/checkers/model.ts';
import { basisOf, judgeSessions, type SessionOptions } from '../../src/checkers/sessions.ts';
import type { SessionGuarantee } from '../../src/checkers/verdict.ts';
import type { Operation, VectorTuples, VersionTuple } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { historyOf } from './notation.ts';

const GUARANTEES: readonly SessionGuarantee[] = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

function broken(history: readonly Operation[], options: SessionOptions = {}): SessionGuarantee[] {
  const model = createModel(history);
  return GUARANTEES.filter(
    (guarantee) => judgeSessions(model, history, guarantee, options).outcome === 'broken',
  );
}

interface Server {
  readonly id: number;
  readonly applied: Map<number, number>;
  readonly store: Map<string, { value: string; version: VersionTuple }>;
  clock: number;
}

/** A few servers that pass single writes on in any order, and clients that go anywhere. */
function playLoosely(random: RandomStream, operations: number): Operation[] {
  const servers = [0, 1, 2].map(
    (id): Server => ({ id, applied: new Map(), store: new Map(), clock: 0 }),
  );
  const history: Operation[] = [];
  const seqs = [0, 0, 0];
  for (let line = 1; line <= operations; line += 1) {
    const [server, other] = [0, 1].map(() => servers[randomBelow(random, 3)]) as [Server, Server];
    if (random() < 0.4) pass(random, server, other);
    const session = randomBelow(random, 3);
    const key = 'xy'[randomBelow(random, 2)] as string;
    const isPut = random() < 0.5;
    const heard = random() < 0.7 ? Math.max(...servers.map(({ clock }) => clock)) : 0;
    if (isPut) {
      server.clock = Math.max(server.clock, heard) + 1;
      server.applied.set(server.id, server.clock);
      server.store.set(key, { value: String(line), version: [server.clock, server.id, 1] });
    }
    const held = server.store.get(key);
    const seq = seqs[session] as number;
    seqs[session] = seq + 1;
    history.push({
      session: session + 10,
      incarnation: 1,
      seq,
      kind: isPut ? 'put' : 'get',
      key,
      value: held?.value ?? null,
      outcome: held === undefined ? 'absent' : 'ok',
      invokedAt: line * 2,
      returnedAt: line * 2 + 1,
      server: server.id,
      version: held?.version ?? null,
      applied: [...server.applied].map(([id, upTo]) => [id, 1, upTo] as const),
      line,
    });
  }
  return history;
}

/**
 * Takes over what one life has written, or all that another server has: not always in causal order.
 */
function pass(random: RandomStream, to: Server, from: Server): void {
  const only = random() < 0.5 ? undefined : randomBelow(random, 3);
  for (const [id, upTo] of from.applied) {
    if (only !== undefined && id !== only) continue;
    to.applied.set(id, Math.max(upTo, to.applied.get(id) ?? 0));
    to.clock = Math.max(to.clock, upTo);
  }
  for (const [key, entry] of from.store) {
    const held = to.store.get(key);
    const isKnown = only === undefined || entry.version[1] === only;
    if (isKnown && (held === undefined || compare(held.version, entry.version) < 0)) {
      to.store.set(key, entry);
    }
  }
}

function compare(a: VersionTuple, b: VersionTuple): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function has(applied: VectorTuples, version: VersionTuple): boolean {
  return applied.some(
    ([id, life, t]) => id === version[1] && life === version[2] && t >= version[0],
  );
}

/**
 * Terry et al., section 3, word by word, for any two operations and any look at any server. Unless
 * the whole database is asked for, a get is asked for the greatest version of its key only.
 */
function brokenByDefinition(
  history: readonly Operation[],
  wholeDatabase: boolean,
): SessionGuarantee[] {
  const found = new Set<SessionGuarantee>();
  for (const a of history) {
    for (const b of history) {
      if (a.session !== b.session || a.seq >= b.seq || a.version === null) continue;
      const { version } = a;
      const isOneKey = a.key === b.key;
      if (b.kind === 'get') {
        const isTop = isOneKey && !history.some((c) => isGreater(c, a, b));
        const isOld = isOneKey && (b.version === null || compare(b.version, version) < 0);
        const isMissing = (isTop || wholeDatabase) && !has(b.applied ?? [], version);
        if (!isOld && !isMissing) continue;
        found.add(a.kind === 'put' ? 'read-your-writes' : 'monotonic-reads');
        continue;
      }
      const guarantee = a.kind === 'put' ? 'monotonic-writes' : 'writes-follow-reads';
      const later = b.version as VersionTuple;
      if (isOneKey && compare(version, later) >= 0) found.add(guarantee);
      for (const { applied } of history) {
        if (has(applied ?? [], later) && !has(applied ?? [], version)) found.add(guarantee);
      }
    }
  }
  return GUARANTEES.filter((guarantee) => found.has(guarantee));
}

/** Whether the session had put or got, before `b`, a greater version of the key than `a`. */
function isGreater(c: Operation, a: Operation, b: Operation): boolean {
  const isEarlier = c.session === a.session && c.key === a.key && c.seq < b.seq;
  return isEarlier && c.version !== null && compare(c.version, a.version as VersionTuple) > 0;
}

describe('session guarantees from vectors', () => {
  it('are what the paper says, on random runs of a careless store', () => {
    const random = createRandomStream(7, 'sessions');
    const counts = new Map<string, number>();
    for (let run = 0; run < 10_000; run += 1) {
      const history = playLoosely(random, 3 + randomBelow(random, 8));
      const expected = brokenByDefinition(history, false);
      expect(broken(history), JSON.stringify(history)).toEqual(expected);
      const strict = brokenByDefinition(history, true);
      expect(broken(history, { wholeDatabase: true }), JSON.stringify(history)).toEqual(strict);
      for (const guarantee of expected) counts.set(guarantee, (counts.get(guarantee) ?? 0) + 1);
      if (expected.length === 0) counts.set('none', (counts.get('none') ?? 0) + 1);
    }
    for (const kind of [...GUARANTEES, 'none']) expect(counts.get(kind)).toBeGreaterThan(200);
  });

  it('take in what refused operations said about servers', () => {
    const [first, second, look] = historyOf('w x1^1, w x2^2 | r y0');
    const at = { server: 3, version: null, outcome: 'stale' } as const;
    const history = [first, second, { ...look, ...at, applied: [[0, 1, 2]] }] as Operation[];
    expect(broken(history)).toEqual([]);
    const other = { ...second, version: [2, 5, 1] } as Operation;
    const gap = { ...look, ...at, applied: [[5, 1, 2]] } as Operation;
    expect(broken([first as Operation, other, gap])).toEqual(['monotonic-writes']);
  });

  it('ask for the whole database only when told to', () => {
    const [put, get] = historyOf('w x1^1, r y0') as [Operation, Operation];
    const history = [put, { ...get, applied: [] }];
    const model = createModel(history);
    expect(judgeSessions(model, history, 'read-your-writes').outcome).toBe('holds');
    const strict = judgeSessions(model, history, 'read-your-writes', { wholeDatabase: true });
    expect(strict).toMatchObject({ outcome: 'broken', witness: { pattern: 'ReadYourWrites' } });
  });

  it('do not miss an own write that an own later one has replaced', () => {
    const [first, second, get] = historyOf('w x1^1, w x2^2, r x2^2') as Operation[];
    const later = { ...second, version: [2, 7, 1] } as Operation;
    const seen = { ...get, version: [2, 7, 1], applied: [[7, 1, 2]] } as Operation;
    expect(broken([first as Operation, later, seen])).toEqual(['monotonic-writes']);
    const strict = ['read-your-writes', 'monotonic-writes'];
    expect(broken([first as Operation, later, seen], { wholeDatabase: true })).toEqual(strict);
  });

  it('do not mistake a forgotten deletion for a lost write', () => {
    const [put, del, get] = historyOf('w x1^1, d x^2, r x-') as Operation[];
    const history = [put, del, { ...get, applied: [[0, 1, 2]] }] as Operation[];
    expect(broken(history)).toEqual([]);
  });

  it('ask nobody for a deletion that was forgotten before it was read', () => {
    const [put, del, first, second] = historyOf('w x1^1, d x^2 | r x-, r x-') as Operation[];
    const knowing = { ...first, applied: [[0, 1, 2]] } as Operation;
    const history = [put, del, knowing, { ...second, applied: [] }] as Operation[];
    expect(broken(history)).toEqual([]);
    const back = { ...second, value: put?.value, version: put?.version, applied: [[0, 1, 1]] };
    expect(broken([put, del, knowing, back] as Operation[])).toEqual(['monotonic-reads']);
  });
});

describe('session guarantees from versions alone', () => {
  it.each([
    ['w x1^1, r x1^1 | w x2^2', []],
    ['w x1^2, r x2^1 | w x2^1', ['read-your-writes']],
    ['w x1^1, r x0', ['read-your-writes']],
    ['w x1^1 | w x2^2 | r x2^2, r x1^1', ['monotonic-reads']],
    ['w x1^1 | r x1^1, r x0', ['monotonic-reads']],
    ['w x1^2, w x2^1', ['monotonic-writes']],
    ['w x1^2 | r x1^2, w x2^1', ['writes-follow-reads']],
    ['w x1^1, d x^2, r x-^2', []],
    ['w x1^1, d x^2, r x1^1', ['read-your-writes']],
    ['w? x1, r x0 | r x1^4', []],
    ['w x1^1, r x0 | d? x', []],
    ['w x1^1 | r x1^1, r x0 | d? x', []],
    ['w x1^5, w? x2 | r x2^4', ['monotonic-writes']],
  ])('%s breaks %j', (text, expected) => {
    expect(basisOf(createModel(historyOf(text)))).toBe('versions');
    expect(broken(historyOf(text))).toEqual(expected);
  });
});

describe('session guarantees from values alone', () => {
  it.each([
    ['w x1, r x2 | w x2, r x1', []],
    ['w x1, r x0', ['read-your-writes']],
    ['w x1, w x2, r x1', []],
    ['w x1, w x2, r x1, r x2', ['read-your-writes']],
    ['w x1 | w x2 | r x1, r x2, r x1', ['monotonic-reads']],
    ['w x1 | r x1, r x0', ['monotonic-reads']],
  ])('%s breaks %j', (text, expected) => {
    expect(broken(historyOf(text))).toEqual(expected);
  });

  it('leave what binds servers open', () => {
    const history = historyOf('w x1, w x2 | r x1');
    for (const guarantee of ['monotonic-writes', 'writes-follow-reads'] as const) {
      expect(judgeSessions(createModel(history), history, guarantee).outcome).toBe('undecided');
    }
  });
});

describe('the sentences', () => {
  it('name clients, values and lines', () => {
    const history = historyOf('w x1^2, r x2^1 | w x2^1');
    expect(judgeSessions(createModel(history), history, 'read-your-writes')).toMatchObject({
      witness: {
        pattern: 'ReadYourWrites',
        operations: [{ line: 1 }, { line: 2 }],
        sentence: 'client 1 got x=2 (line 2), which is older than its own x=1 (line 1).',
      },
    });
  });
});
