// For programs that `require`: the same types, which are those of an ES module.
import type * as library from './types/runner/index.ts' with { 'resolution-mode': 'import' };

export type * from './types/runner/index.ts' with { 'resolution-mode': 'import' };
export declare const runScript: typeof library.runScript;
