// The list of replication designs. A new one is a folder beside this file and one line here.
import type { Protocol } from '../kernel/protocol.ts';
import { causal } from './causal/index.ts';
import { chain } from './chain/index.ts';
import { quorum } from './quorum/index.ts';
import { sharded } from './sharded/index.ts';
import { weak } from './weak/index.ts';

export const PROTOCOLS: readonly Protocol[] = [causal, chain, quorum, sharded, weak];
