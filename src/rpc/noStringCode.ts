// Prevents that text is run as code in a node. V8's flag for this makes the start a sixth slower,
// because it invalidates Node's own code cache; this has no cost.

const CONSTRUCTORS = [
  Function,
  (async () => undefined).constructor,
  function* () {}.constructor,
  async function* () {}.constructor,
] as readonly { prototype: object }[];

/** From now on `eval`, `new Function` and similar constructors throw an EvalError here. */
export function forbidStringCode(): void {
  const refuse = (): never => {
    throw new EvalError('text must not become code here');
  };
  for (const maker of CONSTRUCTORS) {
    const value = new Proxy(maker as typeof Function, { apply: refuse, construct: refuse });
    Object.defineProperty(maker.prototype, 'constructor', { value });
    if (maker === Function) Object.defineProperty(globalThis, 'Function', { value });
  }
  Object.defineProperty(globalThis, 'eval', { value: refuse });
}
