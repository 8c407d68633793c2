// The engines as data, for a world that cannot run them and says so: this file needs no system.
import type { Design } from '../kernel/design.ts';
import { etcdDesign } from './etcd/design.ts';
import { natsDesign } from './nats/design.ts';
import { nodesDesign } from './nodes/design.ts';
import { postgresDesign } from './postgres/design.ts';
import { redisDesign } from './redis/design.ts';

export const ENGINE_DESIGNS: readonly Design[] = [
  nodesDesign,
  etcdDesign,
  redisDesign,
  natsDesign,
  postgresDesign,
];
