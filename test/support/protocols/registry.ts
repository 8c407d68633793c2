// Protocols that exist only to test the registration of protocols: each is a folder and a line.
import { beacon } from './beacon/index.ts';
import { cairn } from './cairn/index.ts';
import { scribe } from './scribe/index.ts';

export const TEST_PROTOCOLS = [scribe, cairn, beacon];
