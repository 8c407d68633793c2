// One life of one node on this process: the protocol's code behind its three ways in, which are the
// master's channel, the links and HTTP.
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import type { Role } from '../kernel/ids.ts';
import type { Node, NodeSetup } from '../kernel/node.ts';
import type { Protocol } from '../kernel/protocol.ts';
import { MEMORY_STORAGE, type Storage } from '../kernel/storage.ts';
import type { TraceEvent } from '../kernel/trace.ts';
import { createRankOf } from './access.ts';
import { type Answerers, answerRecorded, createAnswerers } from './answerers.ts';
import { type Assignment, WORLD } from './assignment.ts';
import { loadLater } from './compilation.ts';
import { Consultations } from './consultations.ts';
import type { Resident } from './door.ts';
import type { HttpSetup } from './httpApp.ts';
import type { Lifetime } from './lifetime.ts';
import type { RpcLimits } from './limits.ts';
import { Links } from './links.ts';
import { createClock } from './monotonic.ts';
import { createProcessEnv } from './processEnv.ts';
import { nameMasterCall, Recorder } from './recorder.ts';

export interface ResidenceSetup {
  readonly role: Role;
  readonly protocol: Protocol;
  createNode(setup: NodeSetup): Node;
}

export interface Residence extends Resident {
  readonly recorder: Recorder;
  readonly node: Node;
  readonly consultations: Consultations;
  /** Answers what came over the channel that only the master holds. */
  answerMaster(request: JSONRPCRequest): PromiseLike<JSONRPCResponse | null>;
}

/** Begins the life. */
export function takeResidence(
  { role, protocol, createNode }: ResidenceSetup,
  assignment: Assignment,
  lifetime: Lifetime,
  limits: RpcLimits,
  storage: Storage = MEMORY_STORAGE,
): Residence {
  const { id, incarnation, seed, options, guarantees, token } = assignment;
  const { messages } = protocol;
  const self = { id, incarnation };
  const now = createClock(assignment.epochMs);
  const recorder = createRecorder(assignment, now, lifetime);
  recorder.started(role);
  const answerers = createAnswerers(role, messages, () => node, lifetime.fail);
  const answerer = answerers.fromPeers;
  const links = new Links({ self, token, limits, recorder, answerer });
  const consultations = new Consultations(recorder, (message) => lifetime.send(message));
  const consult = consultations.ask.bind(consultations);
  const setup = { self, seed, messages, links, consult, recorder, storage, now };
  const env = createProcessEnv(setup);
  const node = createNode({ env, protocol, options, guarantees });
  const rankOf = createRankOf(assignment.digests);
  return {
    links,
    recorder,
    node,
    consultations,
    rankOf,
    serve: createServe(createHttpSetup(limits, answerers, links, recorder, rankOf), lifetime),
    answerMaster: (request) =>
      answerRecorded(
        recorder,
        'master',
        nameMasterCall(request.id as number),
        request,
        answerers.fromMaster,
        'master',
      ),
  };
}

function createRecorder(assignment: Assignment, now: () => number, lifetime: Lifetime): Recorder {
  const emit = (events: TraceEvent[]): void =>
    lifetime.send({ jsonrpc: '2.0', method: WORLD.trace, params: { events } });
  const recorder = new Recorder(assignment, now, assignment.trace ? emit : undefined);
  lifetime.onBug(() => recorder.flush());
  return recorder;
}

function createHttpSetup(
  limits: RpcLimits,
  { fromMaster, fromPeers, ranksFor }: Answerers,
  links: Links,
  recorder: Recorder,
  rankOf: HttpSetup['rankOf'],
): HttpSetup {
  let count = 0;
  return {
    limits,
    rankOf,
    ranksFor,
    peerOf: (id) => links.peerOf(id),
    answer: (request, caller) => {
      count += 1;
      const asked = `http#${count}`;
      return caller === 'master'
        ? answerRecorded(recorder, caller, asked, request, fromMaster, caller)
        : answerRecorded(recorder, caller.id, asked, request, fromPeers, caller);
    },
  };
}

/** Loads what HTTP needs with the first request: most runs never see one. */
function createServe(setup: HttpSetup, lifetime: Lifetime): Resident['serve'] {
  const loading = async () => {
    const { createHttpApp } = await loadLater(() => import('./httpApp.ts'));
    return createHttpApp(setup);
  };
  let app: ReturnType<typeof loading> | undefined;
  return (request, response) => {
    app ??= loading();
    app.then((serve) => serve(request, response), lifetime.fail);
  };
}
