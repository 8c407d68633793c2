// A fence around simulated code: while the world runs, every use of real time or unseeded
// randomness throws. So a mistake fails at once, and not only when two runs of a seed differ.
import { Bug } from '../kernel/errors.ts';

const RealDate = globalThis.Date;

/** While the gate is open, the guards pass every call on to what they replace. */
let isGateOpen = false;

/** What is replaced: the object that has it, its name, and its replacement. */
const POSTS: readonly (readonly [owner: object, name: string, guard: unknown])[] = [
  [Math, 'random', guardOf('Math.random', 'random', Math.random)],
  [globalThis, 'Date', fencedDate()],
  [globalThis, 'setTimeout', guardOf('setTimeout', 'after', setTimeout)],
  [globalThis, 'setInterval', guardOf('setInterval', 'after', setInterval)],
  ...postsOfNode(),
];

/** Node loads these on first access: a getter guards them, without reading them. */
const LAZY_POSTS = (
  [
    ['performance', 'now'],
    ['crypto', 'random'],
  ] as const
).map(([name, instead]) => {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  const read = (): unknown => readThroughGate(name, instead, own ?? inheritedDescriptor(name));
  return { name, own, guard: { get: read, configurable: true } };
});

/** Between raising and lowering, the gate is a cheap way to lift the fence for a while. */
export interface Fence {
  openGate(): void;
  closeGate(): void;
  /** Runs the task with the gate open, and then restores the gate's state. */
  passing(task: () => void): void;
  /** Takes the fence down: restores everything that was replaced. */
  lower(): void;
}

/** The number of worlds that have raised the fence, and what was replaced by the first of them. */
let raised = 0;
let real: readonly unknown[] = [];

/**
 * Raises the fence with its gate closed. All worlds share one fence and one gate, because only one
 * world runs at a time. Microtasks and `process.nextTick` are allowed: they all run before the next
 * event.
 */
export function raiseFence(): Fence {
  raised += 1;
  isGateOpen = false;
  if (raised === 1) putUp();
  let isUp = true;
  return {
    openGate: () => {
      isGateOpen = true;
    },
    closeGate: () => {
      isGateOpen = false;
    },
    passing: (task) => {
      const wasOpen = isGateOpen;
      isGateOpen = true;
      try {
        task();
      } finally {
        isGateOpen = wasOpen;
      }
    },
    lower: () => {
      if (!isUp) return;
      isUp = false;
      raised -= 1;
      isGateOpen = true;
      if (raised === 0) takeDown();
    },
  };
}

function putUp(): void {
  real = POSTS.map(([owner, name]): unknown => Reflect.get(owner, name));
  for (const [owner, name, guard] of POSTS) Reflect.set(owner, name, guard);
  for (const { name, guard } of LAZY_POSTS) Object.defineProperty(globalThis, name, guard);
}

function takeDown(): void {
  for (const [index, [owner, name]] of POSTS.entries()) Reflect.set(owner, name, real[index]);
  for (const { name, own } of LAZY_POSTS) {
    if (own === undefined) Reflect.deleteProperty(globalThis, name);
    else Object.defineProperty(globalThis, name, own);
  }
}

/** `instead` is the method of Env that does the same for a node. */
type Instead = 'random' | 'now' | 'after';

function refuse(name: string, instead: Instead): never {
  throw new Bug(`${name} inside the simulation: use env.${instead}()`);
}

/** Replaces `real` and keeps its properties. */
function guardOf<F extends (...args: never[]) => unknown>(
  name: string,
  instead: Instead,
  real: F,
): F {
  return new Proxy(real, {
    apply: (target, self, args) =>
      isGateOpen ? Reflect.apply(target, self, args) : refuse(name, instead),
  });
}

function readThroughGate(
  name: string,
  instead: Instead,
  real: PropertyDescriptor | undefined,
): unknown {
  if (!isGateOpen) return refuse(name, instead);
  return real?.get === undefined ? real?.value : real.get.call(globalThis);
}

/** In a browser's worker these are inherited from prototypes. */
function inheritedDescriptor(name: string): PropertyDescriptor | undefined {
  for (let owner: unknown = Object.getPrototypeOf(globalThis); owner instanceof Object; ) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (descriptor !== undefined) return descriptor;
    owner = Object.getPrototypeOf(owner);
  }
  return undefined;
}

/** Only Node has these. */
function postsOfNode(): (readonly [owner: object, name: string, guard: unknown])[] {
  if (globalThis.process?.hrtime === undefined) return [];
  return [
    [globalThis, 'setImmediate', guardOf('setImmediate', 'after', setImmediate)],
    [process, 'hrtime', fencedHrtime()],
    [process, 'uptime', guardOf('process.uptime', 'now', process.uptime)],
  ];
}

function fencedHrtime(): typeof process.hrtime {
  const real = process.hrtime;
  const bigint = guardOf('process.hrtime', 'now', real.bigint);
  return Object.assign(
    guardOf('process.hrtime', 'now', (...args: Parameters<typeof real>) =>
      real.apply(process, args),
    ),
    { bigint },
  );
}

/** A Date that still handles given times, but does not tell the current time. */
function fencedDate(): DateConstructor {
  const now = guardOf('Date.now', 'now', RealDate.now);
  return new Proxy(RealDate, {
    apply: (target) => (isGateOpen ? target() : refuse('Date()', 'now')),
    construct: (target, args) => {
      if (args.length === 0 && !isGateOpen) return refuse('new Date()', 'now');
      return Reflect.construct(target, args) as object;
    },
    get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
  });
}
