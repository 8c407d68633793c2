// Text never becomes code in a node. V8's flag for that costs a sixth of the start-up, because
// Node's own code cache does not fit to it; this costs nothing.

const CONSTRUCTORS = [
  Function,
  (async () => undefined).constructor,
  function* () {}.constructor,
  async function* () {}.constructor,
] as readonly { prototype: object }[];

/** From now on `eval`, `new Function` and its kin throw an EvalError in this process. */
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
