// A fence around simulated code: whatever would let real time or unseeded chance in throws while
// the world runs, so that nobody uses it by mistake and only notices when two runs differ.
import { Bug } from '../kernel/errors.ts';

const RealDate = globalThis.Date;

/** What is replaced: the object that has it, its name, and what stands there meanwhile. */
const POSTS: readonly (readonly [owner: object, name: string, guard: unknown])[] = [
  [Math, 'random', forbid('Math.random')],
  [globalThis, 'Date', fencedDate()],
  [globalThis, 'setTimeout', forbid('setTimeout')],
  [globalThis, 'setInterval', forbid('setInterval')],
  [globalThis, 'setImmediate', forbid('setImmediate')],
  [process, 'hrtime', fencedHrtime()],
  [process, 'uptime', forbid('process.uptime')],
];

/** Node loads these when they are first read: they are fenced by a getter, without being read. */
const LAZY_POSTS = (['performance', 'crypto'] as const).map((name) => ({
  name,
  guard: { get: forbid(name), configurable: true },
  real: Object.getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor,
}));

/**
 * Puts up the fence; the result takes it down. Fences do not nest. Microtasks and
 * `process.nextTick` may pass: they all run before the next event.
 */
export function raiseFence(): () => void {
  const real = POSTS.map(([owner, name]): unknown => Reflect.get(owner, name));
  for (const [owner, name, guard] of POSTS) Reflect.set(owner, name, guard);
  for (const { name, guard } of LAZY_POSTS) Object.defineProperty(globalThis, name, guard);
  return () => {
    for (const [index, [owner, name]] of POSTS.entries()) Reflect.set(owner, name, real[index]);
    for (const lazy of LAZY_POSTS) Object.defineProperty(globalThis, lazy.name, lazy.real);
  };
}

function forbid(name: string): () => never {
  return () => {
    throw new Bug(`${name} inside the simulation: ask Env`);
  };
}

function fencedHrtime(): typeof process.hrtime {
  const hrtime = forbid('process.hrtime');
  return Object.assign(hrtime, { bigint: hrtime });
}

/** A Date that still reads given times, but does not tell the present one. */
function fencedDate(): DateConstructor {
  return new Proxy(RealDate, {
    apply: forbid('Date()'),
    construct: (target, args) => {
      if (args.length === 0) return forbid('new Date()')();
      return Reflect.construct(target, args) as object;
    },
    get: (target, property) =>
      property === 'now' ? forbid('Date.now') : Reflect.get(target, property),
  });
}
