// The process that hosts one replica.
import { createServerNode } from '../kernel/node.ts';
import { findProtocol } from '../protocols/registry.ts';
import { hostNode } from '../rpc/host.ts';

hostNode({ role: 'server', createNode: createServerNode, findProtocol });
