// The engine `postgres`: its data (design.ts), and its world, which is loaded when a script runs
// it.
import type { Engine } from '../../kernel/engine.ts';
import { postgresDesign } from './design.ts';

export const postgres: Engine = {
  ...postgresDesign,
  createCluster: async (setup) => {
    const { createPostgresCluster } = await import('./postgresStore.ts');
    return createPostgresCluster(setup);
  },
};
