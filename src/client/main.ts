// The process that hosts one session.
import { createClientNode } from '../kernel/node.ts';
import { findProtocol } from '../protocols/registry.ts';
import { hostNode } from '../rpc/host.ts';

hostNode({ role: 'client', createNode: createClientNode, findProtocol });
