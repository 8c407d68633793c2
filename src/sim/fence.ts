// A fence around simulated code: whatever would let real time or unseeded chance in throws while the
// world runs, so that nobody uses it by mistake and only notices when two runs differ.
import { Bug } from '../kernel/errors.ts';

const FENCED = ['setTimeout', 'setInterval'] as const;

function forbid(name: string): () => never {
  return () => {
    throw new Bug(`${name} inside the simulation: ask Env`);
  };
}

/** Puts up the fence; the result takes it down. Fences do not nest. */
export function raiseFence(): () => void {
  const { random } = Math;
  const RealDate = globalThis.Date;
  const real = FENCED.map((name) => [name, globalThis[name]] as const);
  Math.random = forbid('Math.random');
  globalThis.Date = fencedDate(RealDate);
  for (const name of FENCED) Reflect.set(globalThis, name, forbid(name));
  return () => {
    Math.random = random;
    globalThis.Date = RealDate;
    for (const [name, value] of real) Reflect.set(globalThis, name, value);
  };
}

/** A Date that still reads given times, but does not tell the present one. */
function fencedDate(RealDate: DateConstructor): DateConstructor {
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
