// The engine `etcd`: its data (design.ts), and its world, which is loaded when a script runs it.
import type { Engine } from '../../kernel/engine.ts';
import { etcdDesign } from './design.ts';

export const etcd: Engine = {
  ...etcdDesign,
  createCluster: async (setup) => {
    const { createEtcdCluster } = await import('./etcdStore.ts');
    return createEtcdCluster(setup);
  },
};
