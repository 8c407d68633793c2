// What every node's process does: opens its door, learns from the master who it is, and then
// answers the master and its peers until it is killed or the master is gone.
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import type { Json } from '../kernel/json.ts';
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
import { countStep, deferCompilation } from './compilation.ts';
import { openDoor } from './door.ts';
import { createLifetime, EXIT_ENVIRONMENT } from './lifetime.ts';
import { RPC_LIMITS } from './limits.ts';
import { forbidStringCode } from './noStringCode.ts';
import { type HostSetup, type Residence, takeResidence } from './residence.ts';
import { createServerLog } from './serverLog.ts';

/** Runs this process as a node. Returns at once; the process ends when the master does. */
export function hostNode(setup: HostSetup): void {
  forbidStringCode();
  deferCompilation();
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
      const log = await createServerLog(assignment, (text) => warnings.push(text), lifetime);
      const resident = takeResidence(setup, assignment, lifetime, RPC_LIMITS, log);
      residence = resident;
      await log?.open((record) => {
        countStep();
        resident.node.restore(record);
      });
      resident.node.begin();
      hasBegun = true;
      settle(resident);
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      return { refusal: { code: error.code, message: error.message } } satisfies Refused;
    }
    return { port, warnings } satisfies Assigned;
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
