// `import 'causeway-kv/jest'` in a test or a setup file: the matchers for jest's `expect`.
import { matchers, type ScriptMatchers } from './matchers.ts';

// The compiler extends only a module that a file of types imports.
export type { Matchers } from 'expect';

declare global {
  namespace jest {
    // Its type parameters have to be those of @types/jest.
    interface Matchers<R, T> extends ScriptMatchers<R> {}
    // For `expect.toHold('causal')` within another value.
    interface Expect extends ScriptMatchers {}
    interface InverseAsymmetricMatchers extends ScriptMatchers {}
  }
}

// For those who import `expect` from @jest/globals.
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T> extends ScriptMatchers<R> {}
  interface AsymmetricMatchers extends ScriptMatchers {}
}

const jestExpect = (globalThis as { expect?: { extend(more: typeof matchers): void } }).expect;
if (jestExpect === undefined) {
  throw new Error(
    'jest has no global expect here: with injectGlobals off, give ' +
      "the matchers of 'causeway-kv/matchers' to expect.extend",
  );
}
jestExpect.extend(matchers);
