// Runs the process of a node: opens its listener, receives its assignment from the master, then
// answers the master and its peers until it is killed or the master is gone.
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import type { Role } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { Node, NodeSetup } from '../kernel/node.ts';
import type { Protocol } from '../kernel/protocol.ts';
import type { Log } from '../log/log.ts';
import { LogError } from '../log/logError.ts';
import {
  type Assigned,
  type Assignment,
  type LinkOrder,
  type MuteOrder,
  type PeerOrder,
  type Refused,
  type SetOrder,
  WORLD,
} from './assignment.ts';
import { countStep, deferCompilation, keepCode } from './compilation.ts';
import { createDispatcher, type Method } from './dispatcher.ts';
import { type HostedNode, startHostedNode } from './hostedNode.ts';
import { createLifetime, EXIT_ENVIRONMENT, type Lifetime } from './lifetime.ts';
import { RPC_LIMITS } from './limits.ts';
import { openListener } from './listener.ts';
import { forbidStringCode } from './noStringCode.ts';

export interface HostSetup {
  readonly role: Role;
  createNode(setup: NodeSetup): Node;
  /** Rejects with an Error for an unknown protocol. */
  loadProtocol(name: string): Promise<Protocol>;
}

/** Runs this process as a node. Returns at once; the process ends when the master does. */
export function hostNode({ role, createNode, loadProtocol }: HostSetup): void {
  forbidStringCode();
  const lifetime = createLifetime();
  const listener = openListener(RPC_LIMITS);
  listener.catch((error: unknown) => lifetime.fail(error, EXIT_ENVIRONMENT));
  let hostedNode: HostedNode | undefined;
  let hasBegun = false;
  const assign: Method<'master'> = async (params) => {
    const { port, setHandler } = await listener;
    const assignment = params as Assignment;
    const warnings: string[] = [];
    try {
      const [protocol, log] = await Promise.all([
        loadProtocol(assignment.protocol),
        createLog(assignment, (text) => warnings.push(text), lifetime),
      ]);
      deferCompilation();
      const setup = { role, protocol, createNode };
      const handler = startHostedNode(setup, assignment, lifetime, RPC_LIMITS, log);
      hostedNode = handler;
      await log?.open((record) => {
        countStep();
        handler.node.restore(record);
      });
      const recovered = assignment.log?.tellsRecovered ? handler.node.recovered() : [];
      handler.node.begin();
      hasBegun = true;
      setHandler(handler);
      // Runs after the answer is sent.
      setImmediate(keepCode);
      return { port, warnings, recovered } satisfies Assigned;
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      return { refusal: { code: error.code, message: error.message } } satisfies Refused;
    }
  };
  const world = createDispatcher<'master'>(
    [
      [WORLD.prepare, createPrepare(loadProtocol)],
      [WORLD.assign, assign],
      ...worldMethods(() => hostedNode as HostedNode),
    ],
    lifetime.fail,
  );
  lifetime.onMessage(async (request: JSONRPCRequest) => {
    if (request.method === undefined) {
      hostedNode?.serviceCalls.receive(request as unknown as JSONRPCResponse);
      return;
    }
    const answer =
      hostedNode === undefined || !hasBegun || world.has(request.method)
        ? world.answer(request, 'master')
        : hostedNode.answerMaster(request);
    const response = await answer;
    hostedNode?.recorder.flush();
    if (response !== null) lifetime.send(response);
  });
}

function createPrepare(loadProtocol: HostSetup['loadProtocol']): Method<'master'> {
  return async (params) => {
    await loadProtocol((params as Pick<Assignment, 'protocol'>).protocol);
    return DONE;
  };
}

/** Most servers have no log, so its code is loaded only when needed. */
async function createLog(
  assignment: Assignment,
  warn: (text: string) => void,
  lifetime: Lifetime,
): Promise<Log | undefined> {
  if (assignment.log === undefined) return undefined;
  const { createServerLog } = await import('./serverLog.ts');
  return createServerLog(assignment, assignment.log, warn, lifetime);
}

const DONE: Json = {};

function worldMethods(hostedNode: () => HostedNode): [string, Method<'master'>][] {
  return [
    [
      WORLD.open,
      (params) => {
        hostedNode().links.open(params as LinkOrder);
        return DONE;
      },
    ],
    [
      WORLD.close,
      (params) => {
        hostedNode().links.close((params as PeerOrder).peer);
        return DONE;
      },
    ],
    [
      WORLD.mute,
      (params) => {
        const { peer, muted } = params as MuteOrder;
        hostedNode().links.mute(peer, muted);
        return DONE;
      },
    ],
    [
      WORLD.set,
      (params) => {
        const { peer, setting } = params as SetOrder;
        hostedNode().links.set(peer, setting);
        return DONE;
      },
    ],
    [
      WORLD.dial,
      async () => {
        await hostedNode().links.dialAll();
        return DONE;
      },
    ],
    [WORLD.flush, () => DONE],
    [WORLD.look, () => hostedNode().node.handle('master', 'inspect', {})],
  ];
}
