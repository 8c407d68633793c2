// The process that hosts one session.
import { createClientNode } from '../kernel/node.ts';
import { loadProtocol } from '../protocols/load.ts';
import { hostNode } from '../rpc/host.ts';

hostNode({ role: 'client', createNode: createClientNode, loadProtocol });
