// The process that hosts one replica.
import { createServerNode } from '../kernel/node.ts';
import { loadProtocol } from '../protocols/load.ts';
import { hostNode } from '../rpc/host.ts';

hostNode({ role: 'server', createNode: createServerNode, loadProtocol });
