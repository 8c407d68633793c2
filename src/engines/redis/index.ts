// The engine `redis`: its data (design.ts), and its world, which is loaded when a script runs it.
import type { Engine } from '../../kernel/engine.ts';
import { redisDesign } from './design.ts';

export const redis: Engine = {
  ...redisDesign,
  createCluster: async (setup) => {
    const { createRedisCluster } = await import('./redisStore.ts');
    return createRedisCluster(setup);
  },
};
