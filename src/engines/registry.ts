// The engines: replicated stores of others that scripts can choose, as they choose a protocol.
import type { Engine } from '../kernel/engine.ts';
import { etcd } from './etcd/index.ts';
import { nats } from './nats/index.ts';
import { nodes } from './nodes/index.ts';
import { postgres } from './postgres/index.ts';
import { redis } from './redis/index.ts';

export const ENGINES: readonly Engine[] = [nodes, etcd, redis, nats, postgres];
