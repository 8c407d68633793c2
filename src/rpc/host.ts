// What every node's process does: opens its door, learns from the master who it is, and then
// answers the master and its peers until it is killed or the master is gone.
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import type { Role } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { Node, NodeSetup } from '../kernel/node.ts';
import type { Protocol } from '../kernel/protocol.ts';
import type { Log } from '../log/log.ts';
import { LogError } from '../log/logError.ts';
import { createAnswerer, type Method } from './answerer.ts';
import {
  type Assigned,
  type Assignment,
  type LinkOrder,
  type MuteOrder,
  type PeerOrder,
  type Refused,
  WORLD,
} from './assignment.ts';
import { countStep, deferCompilation, keepCode } from './compilation.ts';
import { openDoor } from './door.ts';
import { createLifetime, EXIT_ENVIRONMENT, type Lifetime } from './lifetime.ts';
import { RPC_LIMITS } from './limits.ts';
import { forbidStringCode } from './noStringCode.ts';
import { type Residence, takeResidence } from './residence.ts';

export interface HostSetup {
  readonly role: Role;
  createNode(setup: NodeSetup): Node;
  /** Rejects with an Error for a protocol that is not here. */
  loadProtocol(name: string): Promise<Protocol>;
}

/** Runs this process as a node. Returns at once; the process ends when the master does. */
export function hostNode({ role, createNode, loadProtocol }: HostSetup): void {
  forbidStringCode();
  const lifetime = createLifetime();
  const door = openDoor(RPC_LIMITS);
  door.catch((error: unknown) => lifetime.fail(error, EXIT_ENVIRONMENT));
  let residence: Residence | undefined;
  let hasBegun = false;
  const assign: Method<'master'> = async (params) => {
    const { port, settle } = await door;
    const assignment = params as Assignment;
    const warnings: string[] = [];
    try {
      const [protocol, log] = await Promise.all([
        loadProtocol(assignment.protocol),
        createLog(assignment, (text) => warnings.push(text), lifetime),
      ]);
      deferCompilation();
      const setup = { role, protocol, createNode };
      const resident = takeResidence(setup, assignment, lifetime, RPC_LIMITS, log);
      residence = resident;
      await log?.open((record) => {
        countStep();
        resident.node.restore(record);
      });
      const recovered = assignment.log?.tellsRecovered ? resident.node.recovered() : [];
      resident.node.begin();
      hasBegun = true;
      settle(resident);
      // When the answer is on its way.
      setImmediate(keepCode);
      return { port, warnings, recovered } satisfies Assigned;
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      return { refusal: { code: error.code, message: error.message } } satisfies Refused;
    }
  };
  const world = createAnswerer<'master'>(
    [[WORLD.assign, assign], ...worldMethods(() => residence as Residence)],
    lifetime.fail,
  );
  lifetime.onMessage(async (request: JSONRPCRequest) => {
    if (request.method === undefined) {
      residence?.consultations.receive(request as unknown as JSONRPCResponse);
      return;
    }
    const answer =
      residence === undefined || !hasBegun || world.has(request.method)
        ? world.answer(request, 'master')
        : residence.answerMaster(request);
    const response = await answer;
    residence?.recorder.flush();
    lifetime.send(response);
  });
}

/** Most servers keep nothing beyond their lives, and so load nothing for it. */
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

function worldMethods(residence: () => Residence): [string, Method<'master'>][] {
  return [
    [
      WORLD.open,
      (params) => {
        residence().links.open(params as LinkOrder);
        return DONE;
      },
    ],
    [
      WORLD.close,
      (params) => {
        residence().links.close((params as PeerOrder).peer);
        return DONE;
      },
    ],
    [
      WORLD.mute,
      (params) => {
        const { peer, muted } = params as MuteOrder;
        residence().links.mute(peer, muted);
        return DONE;
      },
    ],
    [
      WORLD.dial,
      async () => {
        await residence().links.dialAll();
        return DONE;
      },
    ],
    [WORLD.flush, () => DONE],
  ];
}
