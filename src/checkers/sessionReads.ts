// Judges read your writes and monotonic reads, each per key and for all keys (Terry et al., PDIS
// 1994, section 3). For all keys: the server of a get must have applied every write that the
// session has put before, or that determined what the session has got before, of any key.
import type { Operation } from '../kernel/history.ts';
import { type Answer, type Answers, comparePlaces } from './answers.ts';
import { Database, LatestKnown } from './demands.ts';
import { type Complaint, OwnReads, OwnWrites } from './keyReads.ts';
import { isPending, isWrite, type Normalized } from './normalize.ts';
import { broken, HOLDS, type Judgement, type ReadGuarantee, undecided } from './verdict.ts';
import { content, tell, tellKnown, where } from './words.ts';

export function judgeReads(
  normalized: Normalized,
  answers: Answers,
  guarantee: ReadGuarantee,
): Judgement {
  let doubt: Judgement | undefined;
  for (let session = 0; session + 1 < normalized.starts.length; session += 1) {
    const found = new SessionReads(normalized, answers, guarantee).judge(session);
    if (found.outcome === 'broken') return found;
    if (found.outcome === 'undecided') doubt ??= found;
  }
  return doubt ?? HOLDS;
}

class SessionReads {
  readonly #normalized: Normalized;
  readonly #answers: Answers;
  readonly #kind: 'put' | 'get';
  readonly #pattern: 'ReadYourWrites' | 'MonotonicReads';
  /** The requirements over all keys; undefined if only the key of the get counts. */
  readonly #database: Database | undefined;
  readonly #writes = new Map<number, OwnWrites>();
  readonly #reads = new Map<number, OwnReads>();
  readonly #latest = new Map<number, LatestKnown>();

  constructor(normalized: Normalized, answers: Answers, guarantee: ReadGuarantee) {
    const isOfWrites = guarantee.startsWith('read-your-writes');
    this.#normalized = normalized;
    this.#answers = answers;
    this.#kind = isOfWrites ? 'put' : 'get';
    this.#pattern = isOfWrites ? 'ReadYourWrites' : 'MonotonicReads';
    this.#database = guarantee.endsWith('-all-keys') ? new Database() : undefined;
  }

  judge(session: number): Judgement {
    const { starts } = this.#normalized;
    const [start, end] = [starts[session] as number, starts[session + 1] as number];
    const lastReads = this.#kind === 'put' ? this.#findLastReads(start, end) : new Map();
    let doubt: Judgement | undefined;
    for (let op = start; op < end; op += 1) {
      const operation = this.#operation(op);
      // An unanswered write may take effect at any later time.
      if (isPending(operation)) continue;
      if (isWrite(operation)) {
        this.#write(op, lastReads);
        continue;
      }
      const answer = this.#answers.answerOf(op);
      for (const complaint of this.#complain(op, answer)) {
        if (complaint.isCertain) return this.#tellBroken(complaint, op);
        doubt ??= this.#tellDoubt(complaint, op);
      }
      this.#read(op, answer);
    }
    return doubt ?? HOLDS;
  }

  /** By own write: the last get of the session that returned it, as far as values tell. */
  #findLastReads(start: number, end: number): Map<number, number> {
    const last = new Map<number, number>();
    for (let op = start; op < end; op += 1) {
      const operation = this.#operation(op);
      if (isWrite(operation) || operation.version !== null) continue;
      const { only } = this.#answers.answerOf(op);
      if (only >= start && only < end && !isPending(this.#operation(only))) last.set(only, op);
    }
    return last;
  }

  #write(op: number, lastReads: ReadonlyMap<number, number>): void {
    const key = this.#key(op);
    const version = this.#answers.writes.versionOf(op);
    take(this.#latest, key, () => new LatestKnown()).put(op, version);
    if (this.#kind !== 'put') return;
    take(this.#writes, key, () => new OwnWrites(lastReads)).write(op, version);
    this.#database?.ask({ op, version, write: op, applied: null });
  }

  #read(op: number, answer: Answer): void {
    const key = this.#key(op);
    const { applied } = this.#operation(op);
    take(this.#latest, key, () => new LatestKnown()).get(op, answer, applied);
    if (this.#kind !== 'get') return;
    take(this.#reads, key, () => new OwnReads()).get(op, answer);
    const { least, greatest, only } = answer;
    if (least === 'first' && greatest === 'first') return;
    const isTold = typeof least !== 'string' && comparePlaces(least, greatest) === 0;
    this.#database?.ask({ op, version: isTold ? least : null, write: only, applied });
  }

  *#complain(op: number, answer: Answer): Generator<Complaint> {
    const key = this.#key(op);
    const { applied } = this.#operation(op);
    const own = this.#kind === 'put' ? this.#writes.get(key) : this.#reads.get(key);
    // That a server lacked something says more than that an answer is old.
    const complaints = [
      applied === null
        ? undefined
        : this.#latest.get(key)?.findLacking(applied, answer, this.#kind),
      own?.judge(answer),
      this.#database?.findLacking(this.#operation(op), answer),
    ];
    for (const complaint of complaints) if (complaint !== undefined) yield complaint;
  }

  #tellBroken({ before, others, isLacking }: Complaint, read: number): Judgement {
    const deletions = [before, read].flatMap((op) => this.#answers.deletionFound(op) ?? []);
    const shown = [...new Set([...deletions, before, ...others, read])];
    const operations = shown.map((op) => this.#operation(op));
    const [other = before] = others;
    const isOvertaken = this.#kind === 'put' && others.length > 0;
    const sentence = isOvertaken
      ? this.#tellOvertaken(this.#operation(read), this.#operation(other))
      : this.#tellPair(this.#operation(before), this.#operation(read), isLacking);
    return broken(this.#pattern, operations, `${sentence}.`);
  }

  /** Each was put before both were read. */
  #tellOvertaken(read: Operation, other: Operation): string {
    const both = [read, other].sort((a, b) => a.seq - b.seq).map(content);
    return (
      `${tell(read)} and ${content(other)} ${where(other)}, both its own: whichever of ` +
      `${both.join(' and ')} is older, it was read after the other one had been put`
    );
  }

  #tellPair(before: Operation, read: Operation, isLacking: boolean): string {
    const server = read.server === null ? '' : ` from server ${read.server}`;
    const what = tellKnown(before, this.#kind === 'put');
    if (isLacking) return `${tell(read)}${server}, which had not applied ${what}`;
    if (read.version !== null) return `${tell(read)}${server}, which is older than ${what}`;
    return `${tell(read)} after ${what}`;
  }

  #tellDoubt({ before, isLacking }: Complaint, read: number): Judgement {
    const [b, r] = [this.#operation(before), this.#operation(read)];
    const what = isLacking ? 'its server had applied' : 'that is older than';
    const known = tellKnown(b, this.#kind === 'put');
    return undecided(`${tell(r)}, and nothing says whether ${what} ${known}`);
  }

  #key(op: number): number {
    return this.#normalized.key[op] as number;
  }

  #operation(op: number): Operation {
    return this.#normalized.operations[op] as Operation;
  }
}

function take<V>(map: Map<number, V>, key: number, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}
