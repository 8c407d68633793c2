// A run on the disks of an earlier one, in simulation: its history begins with what the disks have,
// and a value that no run has written is detected.
import { describe, expect, it } from 'vitest';
import { LOG_EVENTS } from '../src/fuzz/coverage.ts';
import { drawTestCase } from '../src/fuzz/draw.ts';
import { createScriptLanguage } from '../src/fuzz/scriptSession.ts';
import { runTrial } from '../src/fuzz/trial.ts';
import type { Json } from '../src/kernel/json.ts';
import type { Options, Protocol } from '../src/kernel/protocol.ts';
import { STORAGE } from '../src/kernel/storageOption.ts';
import { causal } from '../src/protocols/causal/index.ts';
import { chain } from '../src/protocols/chain/index.ts';
import { PROTOCOLS } from '../src/protocols/registry.ts';
import { extent, IS_FULL } from './support/extent.ts';
import { runOnDisks, type SimRun } from './support/simRuns.ts';

const WRITE = `joinServer 0
joinServer 1
joinServer 2
joinClient 5 0
put 5 tea green
put 5 tea black
put 5 cup blue
delete 5 cup
stabilize
sleep 1s
`;
const READ = `joinServer 0
joinServer 1
joinServer 2
joinClient 5 0
get 5 tea
get 5 cup
put 5 tea red
get 5 tea
`;

function onLogs({ name }: Protocol, script: string): string {
  return `protocol ${name} storage=log\n${script}`;
}

/** What a `check` of these levels says, in the second of two runs. */
async function verdictsOf(
  protocol: Protocol,
  [first, second]: readonly [string, string],
  levels: string,
): Promise<string[]> {
  const { data } = await runOnDisks(protocol, onLogs(protocol, first));
  const script = onLogs(protocol, `${second}check ${levels}\n`);
  return told(await runOnDisks(protocol, script, data));
}

function told({ answers }: SimRun): string[] {
  type Said = { level: string; outcome: string; pattern?: string };
  const { verdicts } = answers.at(-1) as { verdicts: Said[] };
  return verdicts.map(
    ({ level, outcome, pattern }) => `${level} ${outcome}${pattern ? ` ${pattern}` : ''}`,
  );
}

const ALL = 'linearizable causal-convergence monotonic-reads no-lost-writes';

describe.each([causal, chain])('of $name', (protocol) => {
  it('is judged with what was there', async () => {
    const first = await runOnDisks(protocol, onLogs(protocol, WRITE));
    expect(first.initial).toEqual([]);
    const script = onLogs(protocol, `${READ}stabilize\ncheck ${ALL}\n`);
    const second = await runOnDisks(protocol, script, first.data);
    const values = second.answers.slice(0, 3).map(({ value, error }) => value ?? error);
    expect(values).toEqual(['black', 'ERR_KEY', 'red']);
    expect(told(second)).toEqual(ALL.split(' ').map((level) => `${level} holds`));
    // Of the last write to a key only the tail's disk knows that it has taken effect.
    const done = second.initial.filter(({ outcome }) => outcome === 'ok');
    const names = done.map(({ key, value }) => `${key} ${value}`);
    expect(names).toEqual(expect.arrayContaining(['cup null', 'tea black']));
    for (const { version } of second.initial) {
      expect((version as readonly number[])[2]).toBeLessThanOrEqual(first.data.lives);
    }
    // And a third, on what the second has left.
    const third = await runOnDisks(protocol, onLogs(protocol, `${READ}check ${ALL}`), second.data);
    expect(told(third).slice(0, 3)).toEqual(ALL.split(' ', 3).map((level) => `${level} holds`));
    expect(third.answers[0]).toMatchObject({ key: 'tea', value: 'red' });
  });

  it('asks a server once, when it joins for the first time', async () => {
    const { data } = await runOnDisks(protocol, onLogs(protocol, WRITE));
    const rejoin = `${READ}killServer 0\njoinServer 0\n`;
    const { initial } = await runOnDisks(protocol, onLogs(protocol, rejoin), data);
    expect(initial.some(({ value }) => value === 'red')).toBe(false);
  });

  it('takes a value that no run has written for thin air', async () => {
    const seen = await verdictsOf(inventing(protocol), [WRITE, READ], ALL);
    expect(seen.slice(0, 2)).toEqual([
      'linearizable broken ThinAirRead',
      'causal-convergence broken ThinAirRead',
    ]);
  });

  it('takes a version that has no such value for thin air', async () => {
    const seen = await verdictsOf(protocol, [WRITE, READ], 'linearizable');
    expect(seen).toEqual(['linearizable holds']);
    const swapped = await verdictsOf(swapping(protocol), [WRITE, READ], 'linearizable');
    expect(swapped).toEqual(['linearizable broken ThinAirRead']);
  });
});

it('catches a server that shows what was overwritten before the run began', async () => {
  const apart = `joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 1
put 5 tea green
stabilize
partition 0 | 1
put 6 tea black
put 6 tea brown
`;
  const read = `joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 1
get 6 tea
stabilize
get 5 tea
`;
  expect(await verdictsOf(causal, [apart, read], 'linearizable causal')).toEqual([
    'linearizable holds',
    'causal holds',
  ]);
  // Its answer is a version that server 0 had, and older than what server 1 had by then.
  expect(await verdictsOf(stuck(causal, 0), [apart, read], 'linearizable causal')).toEqual([
    'linearizable broken EnclosedZone',
    'causal holds',
  ]);
  // Of one session it is a guarantee's business as well.
  const roaming = `${read}breakConnection 6 1\ncreateConnection 6 0\nget 6 tea\n`;
  const levels = 'monotonic-reads linearizable';
  expect(await verdictsOf(stuck(causal, 0), [apart, roaming], levels)).toEqual([
    'monotonic-reads broken MonotonicReads',
    'linearizable broken EnclosedZone',
  ]);
});

it('catches a chain that shows what was overwritten before the run began', async () => {
  const seen = await verdictsOf(forgetful(chain), [WRITE, READ], 'linearizable');
  expect(seen[0]).toMatch(/^linearizable broken/);
});

it('takes what a late server brings as well', async () => {
  const { data } = await runOnDisks(
    causal,
    onLogs(causal, 'joinServer 0\njoinServer 1\njoinClient 5 1\nput 5 tea green\n'),
  );
  const late = `joinServer 7
joinClient 5 7
get 5 tea
put 5 cup blue
joinServer 1
stabilize
get 5 tea
check causal linearizable no-lost-writes convergence
`;
  const { initial, ...seen } = await runOnDisks(causal, onLogs(causal, late), data);
  expect(seen.answers.slice(0, 2)).toMatchObject([{ error: 'ERR_KEY' }, { value: 'green' }]);
  expect(told({ initial, ...seen })).toEqual([
    'causal holds',
    // The first answer came when an earlier run had already written.
    'linearizable broken EnclosedZone',
    'no-lost-writes holds',
    'convergence holds',
  ]);
});

it('says what a new run has lost of an earlier one', async () => {
  const { data } = await runOnDisks(causal, onLogs(causal, WRITE));
  const seen = await runOnDisks(
    forgettingAtStabilize(causal),
    onLogs(causal, 'joinServer 0\nstabilize\ncheck no-lost-writes\n'),
    data,
  );
  expect(told(seen)).toEqual(['no-lost-writes broken LostWrite']);
});

const WITH_LOGS = PROTOCOLS.filter(({ options }) => STORAGE in options);

describe.each(WITH_LOGS)('random scripts of $name', (protocol) => {
  it('keep every guarantee in a second run too', async () => {
    const language = createScriptLanguage(PROTOCOLS);
    let count = 0;
    for (let seed = 1; count < extent({ full: 4, quick: 1 }); seed += 1) {
      const testCase = drawTestCase(protocol, seed, IS_FULL ? 'usual' : 'short');
      if (!testCase.lines[0]?.includes('storage=log')) continue;
      const faults = { ...testCase.faults, newRun: 1 };
      const { failure, coverage } = await runTrial({ language, testCase: { ...testCase, faults } });
      expect(failure, `seed ${seed}`).toBeUndefined();
      count += coverage.count(LOG_EVENTS.secondRun);
    }
  });
});

type ErasedReplica = ReturnType<Protocol['createReplica']>;

/** The protocol with replicas that are told by `change` what to do otherwise. */
function changed(
  protocol: Protocol,
  change: (replica: ErasedReplica, id: number) => Partial<ErasedReplica>,
): Protocol {
  return {
    ...protocol,
    createReplica: (env, options: Options) => {
      const replica = protocol.createReplica(env, options);
      const changes = change(replica, env.self.id);
      return new Proxy(replica, {
        get: (_, name) => {
          const own: unknown = Reflect.get(name in changes ? changes : replica, name);
          return typeof own === 'function' ? own.bind(replica) : own;
        },
      });
    },
  };
}

/** What the replicas answer to a client's read passes through `map`. */
function reading(
  protocol: Protocol,
  map: (answer: Record<string, Json>, key: string) => Record<string, Json>,
): Protocol {
  return changed(protocol, ({ handlers }) => ({
    handlers: {
      ...handlers,
      read: async (from, params) => {
        const { key } = params as { key: string };
        return map((await handlers.read?.(from, params)) as Record<string, Json>, key);
      },
    },
  }));
}

function inventing(protocol: Protocol): Protocol {
  return reading(protocol, (answer) =>
    answer.value === 'black' ? { ...answer, value: 'grey' } : answer,
  );
}

/** An earlier run's version with the value of another write. */
function swapping(protocol: Protocol): Protocol {
  return reading(protocol, (answer) =>
    answer.value === 'black' ? { ...answer, value: 'green' } : answer,
  );
}

/** One server goes on showing what it had when it joined. */
function stuck(protocol: Protocol, server: number): Protocol {
  return changed(protocol, (replica, id) => {
    const { handlers } = replica;
    let first: { readonly value: Json; readonly version: Json } | undefined;
    return {
      recovered: () => {
        const [found] = [...(replica.versions?.() ?? [])];
        if (found !== undefined && id === server) first = found;
        return Array.from(replica.versions?.() ?? [], (entry) => ({ ...entry, outcome: 'ok' }));
      },
      handlers: {
        ...handlers,
        read: async (from, params) => {
          const answer = (await handlers.read?.(from, params)) as Record<string, Json>;
          const old = first && { status: 'ok', value: first.value, version: first.version };
          return { ...answer, ...old };
        },
      },
    };
  });
}

/** Every read of what the disks have is of the key as it was before. */
function forgetful(protocol: Protocol): Protocol {
  return reading(protocol, (answer) =>
    answer.value === 'black' ? { ...answer, value: null, version: null } : answer,
  );
}

/** A store that is empty, and vectors that know it, after the first round. */
function forgettingAtStabilize(protocol: Protocol): Protocol {
  return changed(protocol, (replica) => {
    let hasRun = false;
    return {
      stabilize: (order) => {
        hasRun = true;
        return replica.stabilize(order);
      },
      versions: () => (hasRun ? [] : (replica.versions?.() ?? [])),
    };
  });
}
