// `import 'causeway-kv/vitest'` in a test or a setup file: the matchers for vitest's `expect`.
import { expect } from 'vitest';
import { matchers, type ScriptMatchers } from './matchers.ts';

// The compiler extends only a module that a file of types imports.
export type { Assertion } from 'vitest';

// The type parameters of its `Assertion` are not the same in all versions; what it is made from has
// none.
declare global {
  namespace Chai {
    interface Assertion extends ScriptMatchers<void> {}
  }
}

// For `expect.toHold('causal')` within another value.
declare module 'vitest' {
  interface AsymmetricMatchersContaining extends ScriptMatchers {}
}

expect.extend(matchers);
