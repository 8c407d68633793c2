// The engine `nats`: its data (design.ts), and its world, which is loaded when a script runs it.
import type { Engine } from '../../kernel/engine.ts';
import { natsDesign } from './design.ts';

export const nats: Engine = {
  ...natsDesign,
  createCluster: async (setup) => {
    const { createNatsCluster } = await import('./natsStore.ts');
    return createNatsCluster(setup);
  },
};
