// The state of the panel of requests: the form, the configuration that runs, what it answered.
import { batch, effect, signal } from '@preact/signals';
import type { Curve } from '../../times/curves.ts';
import { createForm, type Form } from '../../times/form.ts';
import type { Launch, Problem } from '../../times/launch.ts';
import type { TimesOrder, TimesResults } from '../../times/messages.ts';
import { Parts } from '../../times/parts.ts';
import { type Done, type Operation, type RequestTexts, Sample } from '../../times/requests.ts';
import type { Sheet } from '../../times/sheet.ts';
import type { Bench } from '../bench.ts';

export interface Progress {
  readonly done: number;
  readonly of: number;
}

export class RequestsModel {
  readonly form = signal<Form>(createForm('quorum'));
  /** Of the form a moment ago; undefined at first. */
  readonly sheet = signal<Sheet | undefined>(undefined);
  /** The configuration that runs. */
  readonly launched = signal<Launch | undefined>(undefined);
  /** The time of its simulation, in milliseconds. */
  readonly now = signal(0);
  readonly texts = signal<RequestTexts>({ key: '1', value: '1', count: '1', atOnce: '1' });
  readonly problems = signal<readonly Problem[]>([]);
  readonly isClearing = signal(true);
  /** What is under way; undefined if nothing is. */
  readonly progress = signal<Progress | undefined>(undefined);
  /** The answers of a single request. */
  readonly answers = signal<readonly Done[]>([]);
  readonly curves = signal<readonly Curve[]>([]);
  readonly trouble = signal<string | undefined>(undefined);
  readonly #bench: Bench;
  #isStopped = false;

  constructor(bench: Bench) {
    this.#bench = bench;
    effect(() => {
      void this.#read(this.form.value);
    });
    effect(() => {
      const [launch, texts] = [this.launched.value, this.texts.value];
      if (launch !== undefined) void this.#check(launch, texts);
    });
  }

  async launch(): Promise<void> {
    const launch = this.sheet.value?.launch ?? undefined;
    if (launch === undefined || this.progress.value !== undefined) return;
    this.progress.value = { done: 0, of: 0 };
    const begun = await this.#ask('launch', { ask: 'launch', launch });
    batch(() => {
      this.progress.value = undefined;
      this.launched.value = begun === undefined ? undefined : launch;
      this.now.value = begun?.now ?? 0;
      this.answers.value = [];
    });
  }

  /** One request: its answer is shown. More: their times. */
  async send(operation: Operation): Promise<void> {
    const launch = this.launched.value;
    if (launch === undefined || this.progress.value !== undefined) return;
    if (this.problems.value.length > 0) return;
    const { key, value, ...numbers } = this.texts.value;
    const [count, atOnce] = [Number(numbers.count), Number(numbers.atOnce)];
    this.#isStopped = false;
    const samples = { get: new Sample(), put: new Sample() };
    let last: readonly Done[] = [];
    const parts = new Parts(count, atOnce);
    while (parts.next > 0 && !this.#isStopped) {
      this.progress.value = { done: parts.done, of: count };
      const begun = performance.now();
      const order = { operation, key, value, count: parts.next, atOnce };
      const result = await this.#ask('requests', { ask: 'requests', order });
      if (result === undefined) break;
      last = result.dones;
      for (const one of result.dones) samples[one.operation].add([one]);
      this.now.value = result.now;
      parts.took(performance.now() - begun);
    }
    batch(() => {
      this.progress.value = undefined;
      this.answers.value = count === 1 ? last : [];
      if (count > 1) this.#draw(launch.name, samples);
    });
  }

  stop(): void {
    this.#isStopped = true;
  }

  async wait(ms: number): Promise<void> {
    if (this.progress.value !== undefined) return;
    this.progress.value = { done: 0, of: 0 };
    const waited = await this.#ask('wait', { ask: 'wait', ms });
    batch(() => {
      this.progress.value = undefined;
      if (waited !== undefined) this.now.value = waited.now;
    });
  }

  /** Puts the configuration, with the requests as a person has typed them, into the editor. */
  async toEditor(operation: Operation): Promise<void> {
    const launch = this.launched.value;
    if (launch === undefined || this.progress.value !== undefined) return;
    if (this.problems.value.length > 0) return;
    const { key, value, count, atOnce } = this.texts.value;
    const order = { operation, key, value, count: Number(count), atOnce: Number(atOnce) };
    this.progress.value = { done: 0, of: 0 };
    const script = await this.#ask('script', { ask: 'script', launch, order });
    this.progress.value = undefined;
    if (script !== undefined) this.#bench.edit({ script, seed: launch.seed });
  }

  #draw(name: string, samples: Readonly<Record<'get' | 'put', Sample>>): void {
    const drawn = (['get', 'put'] as const).flatMap((operation): Curve[] => {
      const figures = samples[operation].figures();
      const { timesMs } = samples[operation];
      const label = `${operation.toUpperCase()}, ${name}`;
      return figures.requests === 0 ? [] : [{ name: label, timesMs, figures }];
    });
    const kept = this.isClearing.value ? [] : this.curves.value;
    this.curves.value = [...kept, ...drawn];
  }

  async #read(form: Form): Promise<void> {
    const sheet = await this.#ask('sheet', { ask: 'sheet', form });
    if (form === this.form.value) this.sheet.value = sheet;
  }

  async #check(launch: Launch, texts: RequestTexts): Promise<void> {
    const problems = await this.#ask('problems', { ask: 'problems', launch, texts });
    if (texts === this.texts.value) this.problems.value = problems ?? [];
  }

  async #ask<K extends keyof TimesResults>(
    ask: K,
    order: TimesOrder & { readonly ask: K },
  ): Promise<TimesResults[K] | undefined> {
    const answer = await this.#bench.ask({ kind: 'times', id: 0, order });
    this.trouble.value = answer?.kind === 'failed' ? answer.why : undefined;
    if (answer?.kind === 'failed') this.launched.value = undefined;
    return answer?.kind === 'times' && order.ask === ask
      ? (answer.result as TimesResults[K])
      : undefined;
  }
}
