// One member's JSON gateway, as Causeway asks it.
import { CallError } from '../../kernel/errors.ts';
import { HttpJson } from '../tcp/httpJson.ts';
import { toCallError } from './errors.ts';
import type { GatewayCall } from './requests.ts';

export interface Status {
  /** The member's own id, in decimal digits. */
  readonly member: string;
  /** The id of the member that it takes for the leader. */
  readonly leader: string | undefined;
  readonly revision: number;
  readonly term: number;
  readonly index: number;
  readonly applied: number;
  readonly isLearner: boolean;
}

const NO_ANSWER = 'the answer is none of etcd';

/** Every answer of etcd has a header. */
function isAnswer(told: unknown): told is { header: { member_id: string; revision?: string } } {
  const { header } = (told ?? {}) as { header?: { member_id?: unknown } };
  return typeof header?.member_id === 'string';
}

export class Gateway {
  readonly #http: HttpJson;

  constructor(base: string) {
    this.#http = new HttpJson(base);
  }

  /** Settles once. Rejects with a CallError. */
  async call({ path, body }: GatewayCall, timeoutMs: number): Promise<object> {
    const answer = await this.#http.post(`/v3/${path}`, body, timeoutMs);
    const { status, body: told } = answer;
    if (status !== 200) throw toCallError(told);
    if (isAnswer(told)) return told;
    throw new CallError('ERR_ETCD_FAILED', NO_ANSWER, NO_ANSWER);
  }

  async status(timeoutMs: number): Promise<Status> {
    const told = await this.call({ path: 'maintenance/status', body: {} }, timeoutMs);
    const { header, leader, ...counts } = told as {
      header: { member_id: string; revision?: string };
      [field: string]: unknown;
    };
    return {
      member: header.member_id,
      leader: typeof leader === 'string' && leader !== '0' ? leader : undefined,
      revision: Number(header.revision ?? 0),
      term: Number(counts.raftTerm ?? 0),
      index: Number(counts.raftIndex ?? 0),
      applied: Number(counts.raftAppliedIndex ?? 0),
      isLearner: counts.isLearner === true,
    };
  }

  close(): void {
    this.#http.close();
  }
}
