// For programs that `require`: it extends jest's types, which are the same for all programs.
import type {} from './types/runner/jest.ts' with { 'resolution-mode': 'import' };
