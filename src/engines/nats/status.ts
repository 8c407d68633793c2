// What a server says of itself on its monitoring port (docs.nats.io, "Monitoring", /jsz). Servers
// are called `s0`, `s1`, ... in NATS.
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';

export interface Status {
  /** The server that it takes for the leader of the cluster, which places streams. */
  readonly metaLeader: NodeId | undefined;
  /** The members of the cluster as it knows them, itself too; a leader knows all. */
  readonly members: readonly NodeId[];
  /** Its replica of the bucket; undefined if it has none. */
  readonly bucket: BucketStatus | undefined;
}

export interface BucketStatus {
  /** The server that it takes for the leader of the bucket's stream. */
  readonly leader: NodeId | undefined;
  /** How many replicas the bucket is to have. */
  readonly replicas: number;
  /** The servers that have or get one, as it knows them, itself too. */
  readonly holders: readonly NodeId[];
  /** The number of the last message that it has applied. */
  readonly sequence: number;
  readonly messages: number;
}

export function nameOf(server: NodeId): string {
  return `s${server}`;
}

function serverOf(name: unknown): NodeId | undefined {
  const [, digits] = /^s(\d+)$/.exec(String(name)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

interface Jsz {
  readonly meta_cluster?: { readonly leader?: string; readonly replicas?: readonly Named[] };
  readonly account_details?: readonly { readonly stream_detail?: readonly Detail[] }[];
}

interface Named {
  readonly name: string;
}

interface Detail {
  readonly name: string;
  readonly cluster?: { readonly leader?: string; readonly replicas?: readonly Named[] };
  readonly config?: { readonly num_replicas?: number };
  readonly state?: { readonly last_seq?: number; readonly messages?: number };
}

export const STATUS_PATH = '/jsz?accounts=1&streams=1&config=1';

/** Reads the answer to `STATUS_PATH`. */
export function toStatus(server: NodeId, stream: string, body: Json | undefined): Status {
  const { meta_cluster: meta = {}, account_details: accounts = [] } = (body ?? {}) as Jsz;
  const details = accounts.flatMap(({ stream_detail: streams = [] }) => streams);
  const detail = details.find(({ name }) => name === stream);
  return {
    metaLeader: serverOf(meta.leader),
    members: withOthers(server, meta.replicas),
    bucket: detail && {
      leader: serverOf(detail.cluster?.leader),
      replicas: detail.config?.num_replicas ?? 1,
      holders: withOthers(server, detail.cluster?.replicas),
      sequence: detail.state?.last_seq ?? 0,
      messages: detail.state?.messages ?? 0,
    },
  };
}

function withOthers(server: NodeId, others: readonly Named[] = []): NodeId[] {
  const ids = others.map(({ name }) => serverOf(name)).filter((id) => id !== undefined);
  return [...new Set([server, ...ids])];
}

/** Direct reads of the stream, as subscriptions; a server prefers its own subscriber to others. */
export function directSubject(stream: string): string {
  return `$JS.API.DIRECT.GET.${stream}`;
}

export function servingPath(stream: string): string {
  return `/subsz?subs=1&test=${encodeURIComponent(directSubject(stream))}`;
}

/** Whether the server's own replica answers direct reads; reads the answer to `servingPath`. */
export function isServing(stream: string, body: Json | undefined): boolean {
  const { subscriptions_list: all = [] } = (body ?? {}) as {
    subscriptions_list?: readonly { readonly subject?: string }[];
  };
  return all.some(({ subject }) => subject === directSubject(stream));
}
