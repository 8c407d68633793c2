// `import 'causeway-kv/vitest'` in a test or a setup file: the matchers for vitest's `expect`.
import { expect } from 'vitest';
import { matchers, type ScriptMatchers } from './matchers.ts';

// The compiler extends only a module that a file of types imports.
export type { Assertion } from 'vitest';

declare module 'vitest' {
  // Its type parameters have to be those of vitest.
  interface Assertion<T> extends ScriptMatchers<void> {}
}

expect.extend(matchers);
