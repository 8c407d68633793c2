// One life of one node in this process: the protocol's code, reached over the master's channel, the
// links and HTTP.
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import type { Role } from '../kernel/ids.ts';
import type { Node, NodeSetup } from '../kernel/node.ts';
import type { Protocol } from '../kernel/protocol.ts';
import { MEMORY_STORAGE, type Storage } from '../kernel/storage.ts';
import type { TraceEvent } from '../kernel/trace.ts';
import { createRankOf } from './access.ts';
import { type Assignment, WORLD } from './assignment.ts';
import { loadLater } from './compilation.ts';
import { Complaints } from './complaints.ts';
import { answerRecorded, createDispatchers, type Dispatchers } from './dispatchers.ts';
import type { HttpSetup } from './httpApp.ts';
import type { Lifetime } from './lifetime.ts';
import type { RpcLimits } from './limits.ts';
import { Links } from './links.ts';
import type { RequestHandler } from './listener.ts';
import { createClock } from './monotonic.ts';
import { createProcessEnv } from './processEnv.ts';
import { nameMasterCall, Recorder } from './recorder.ts';
import { ServiceCalls } from './serviceCalls.ts';
import { createSettler, PassedQuestion, type Question } from './settling.ts';

export interface HostedNodeSetup {
  readonly role: Role;
  readonly protocol: Protocol;
  createNode(setup: NodeSetup): Node;
}

export interface HostedNode extends Required<RequestHandler> {
  readonly recorder: Recorder;
  readonly node: Node;
  readonly serviceCalls: ServiceCalls;
  /** Answers a request from the master's channel, which may carry a question. */
  answerMaster(
    request: JSONRPCRequest & { readonly settle?: Question },
  ): PromiseLike<JSONRPCResponse | null>;
}

/** Starts the life. */
export function startHostedNode(
  { role, protocol, createNode }: HostedNodeSetup,
  assignment: Assignment,
  lifetime: Lifetime,
  limits: RpcLimits,
  storage: Storage = MEMORY_STORAGE,
): HostedNode {
  const { id, incarnation, seed, options, guarantees, token } = assignment;
  const { messages } = protocol;
  const self = { id, incarnation };
  const now = createClock(assignment.epochMs);
  const recorder = createRecorder(assignment, now, lifetime);
  recorder.started(role);
  const complaints = new Complaints({ id, role }, lifetime.say);
  const dispatchers = createDispatchers(role, messages, () => node, complaints, lifetime.fail);
  const dispatcher = dispatchers.fromPeers;
  const passed = new PassedQuestion();
  const send = (message: unknown): void => lifetime.send(message);
  const settler = role === 'server' ? createSettler(dispatchers.fromMaster, send) : undefined;
  const context = { self, seed, token, limits, recorder, dispatcher, passed, settler };
  const links = new Links(context);
  const serviceCalls = new ServiceCalls(recorder, send);
  const callService = serviceCalls.ask.bind(serviceCalls);
  const setup = { self, seed, messages, links, callService, complaints, recorder, storage, now };
  const env = createProcessEnv(setup);
  const node = createNode({ env, protocol, options, guarantees });
  const rankOf = createRankOf(assignment.digests);
  const answerMaster = (request: JSONRPCRequest) =>
    answerRecorded(
      recorder,
      'master',
      nameMasterCall(request.id as number),
      request,
      dispatchers.fromMaster,
      'master',
    );
  return {
    links,
    recorder,
    node,
    serviceCalls,
    rankOf,
    serve: createServe(createHttpSetup(limits, dispatchers, links, recorder, rankOf), lifetime),
    answerMaster: (request) =>
      request.settle === undefined
        ? answerMaster(request)
        : passed.during(request.settle, () => answerMaster(request)),
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
  { fromMaster, fromPeers, ranksFor }: Dispatchers,
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

/** Loads the HTTP code with the first request: most runs have none. */
function createServe(setup: HttpSetup, lifetime: Lifetime): RequestHandler['serve'] {
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
