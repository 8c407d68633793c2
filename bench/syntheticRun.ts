// A run as long as is asked for, with the usual mix of events: operations of clients, what servers
// send each other for them, losses, and now and then a link that is cut.
import type { Recorded } from '../src/kernel/history.ts';
import type { TraceEvent } from '../src/kernel/trace.ts';
import type { RunView } from '../src/web/view.ts';

const SERVERS = 6;
const CLIENTS = 6;
const FIRST_CLIENT = 100;
const KEYS = 50;

export function createRun(length: number): RunView {
  const maker = new RunMaker();
  maker.begin();
  for (let count = 0; maker.events.length < length; count += 1) maker.operate(count);
  return {
    ...{ source: { script: '', protocol: 'causal', seed: 1, faults: '' }, world: 'simulation' },
    ...{ protocol: 'causal', options: {}, said: [], looks: [] },
    ...{ events: maker.events, history: maker.history, earlier: [] },
    verdict: {
      lines: [],
      witness: { level: 'sequential', sentence: '', operations: [3, 5], lines: [] },
    },
  };
}

class RunMaker {
  readonly events: TraceEvent[] = [];
  readonly history: Recorded[] = [];
  readonly #lamport = new Map<number, number>();
  readonly #counts = new Map<number, number>();
  #now = 0;
  #messages = 0;

  begin(): void {
    for (let node = 0; node < SERVERS; node += 1) this.#start(node, 'server');
    for (let client = 0; client < CLIENTS; client += 1) {
      this.#start(FIRST_CLIENT + client, 'client');
    }
  }

  /** One put or get: its client asks a server, which tells two others. */
  operate(count: number): void {
    const session = FIRST_CLIENT + (count % CLIENTS);
    const server = (count * 7) % SERVERS;
    const key = `key${count % KEYS}`;
    const kind = count % 2 === 0 ? 'put' : 'get';
    const invokedAt = this.#now;
    const call = `master#${count}`;
    const method = kind === 'put' ? 'write' : 'read';
    this.#add(session, { event: 'receive', from: 'master', message: call, method: kind });
    const request = this.#send(session, server, method, { params: { key, clock: count } });
    this.#receive(session, server, method, { message: request });
    if (count % 97 === 0) this.#changeLink(server, count);
    for (const step of [1, 2]) this.#push(server, (server + step) % SERVERS, count);
    const reply = this.#send(server, session, method, { answers: request });
    this.#receive(server, session, method, { message: reply, answers: request });
    const answer = { to: 'master', message: `${session}.1#${count}a`, answers: call } as const;
    this.#add(session, { event: 'send', method: kind, ...answer });
    this.#record({ session, server, key, kind, line: count + 1, invokedAt });
    this.#now += count % 500 === 0 ? 40_000 : 3;
  }

  #start(node: number, role: 'server' | 'client'): void {
    this.#add(node, { event: 'start', role });
  }

  #push(from: number, to: number, count: number): void {
    const message = this.#send(from, to, 'push', { params: { entries: [[`key${count % KEYS}`]] } });
    if (count % 31 === 0) {
      this.#add(from, { event: 'drop', to, message, method: 'push', why: 'lost' });
    } else this.#receive(from, to, 'push', { message });
  }

  #changeLink(node: number, count: number): void {
    const peer = (node + 3) % SERVERS;
    this.#add(node, { event: count % 2 === 0 ? 'cut' : 'link', peer });
  }

  #send(from: number, to: number, method: string, more: object): string {
    this.#messages += 1;
    const message = `${from}.1#${this.#messages}`;
    this.#add(from, { event: 'send', to, message, method, ...more });
    return message;
  }

  #receive(from: number, node: number, method: string, more: object): void {
    this.#now += 1.25;
    this.#add(node, { event: 'receive', from, method, ...more });
  }

  #add(node: number, fields: object): void {
    const lamport = (this.#lamport.get(node) ?? 0) + 1;
    this.#lamport.set(node, lamport);
    const base = { at: this.#now, node, incarnation: 1, lamport };
    const line = node >= FIRST_CLIENT ? { line: this.history.length + 1 } : {};
    this.events.push({ ...base, ...fields, ...line } as unknown as TraceEvent);
  }

  #record(
    fields: Pick<Recorded, 'session' | 'server' | 'key' | 'line' | 'invokedAt'> & {
      readonly kind: 'put' | 'get';
    },
  ): void {
    const seq = this.#counts.get(fields.session) ?? 0;
    this.#counts.set(fields.session, seq + 1);
    const answer = { value: 'green', outcome: 'ok', version: null, applied: null } as const;
    this.history.push({ ...fields, ...answer, incarnation: 1, seq, returnedAt: this.#now });
  }
}
