// The engine `nodes`: its data (design.ts), and its world, which is loaded when a script runs it.
import type { Engine } from '../../kernel/engine.ts';
import { nodesDesign } from './design.ts';

export const nodes: Engine = {
  ...nodesDesign,
  createCluster: async (setup) => {
    const { createNodesCluster } = await import('./nodesWorld.ts');
    return createNodesCluster(setup);
  },
};
