// Protocols that are there for the tests of what a protocol can bring: a folder and a line each.
import { scribe } from './scribe/index.ts';

export const TEST_PROTOCOLS = [scribe];
