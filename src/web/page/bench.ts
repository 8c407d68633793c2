// The state of the page, as signals: what is edited, the run that it gave, and where one looks.
// Panels read these, and call the actions. The script's text is the only truth: whatever a person
// does to the run inserts a line.
import { batch, computed, effect, signal } from '@preact/signals';
import type { Answer, Request } from '../run/messages.ts';
import type { Look, RunSource, RunView } from '../view.ts';

/** Runs a request somewhere: a worker, or nowhere in a report. */
export interface Runner {
  (request: Request): Promise<Answer>;
  /** Ends all that is under way: it fails. */
  readonly restart?: () => void;
}

export type Kind = 'playground' | 'report' | 'live';

interface Role {
  readonly kind?: Kind;
  /** Does a line in a live run. */
  readonly typeLine?: (text: string) => void;
}

export class Bench {
  /** What is edited. In a report nothing is. */
  readonly source;
  /** The last run that has ended. */
  readonly view;
  readonly isRunning = signal(false);
  /** The number of events that have happened where one looks. */
  readonly cursor = signal(0);
  /** The states at the cursor; undefined while they are on their way, or not known. */
  readonly look = signal<Look | undefined>(undefined);
  /** The script's line that is selected, in the script and in the diagram. */
  readonly line = signal<number | undefined>(undefined);
  /** The event whose causal past and future are shown; undefined for none. */
  readonly focus = signal<number | undefined>(undefined);
  /** Why nothing could be run; a defect of the program. */
  readonly trouble = signal<string | undefined>(undefined);
  /** Whether the run of the source was stopped, so that the view is of an earlier source. */
  readonly isStopped = signal(false);
  readonly kind: Kind;
  readonly isEditable: boolean;
  /** Whether a live run has ended, so that it does no further line. */
  readonly isOver = signal(false);
  readonly #typeLine: ((text: string) => void) | undefined;
  readonly #runner: Runner | undefined;
  #runs = 0;
  #looks = 0;
  /** The number of the look that is shown: answers of earlier requests are out of date. */
  #shownLook = 0;

  /** A page that is not editable runs nothing by itself; its runner only looks. */
  constructor(
    source: RunSource,
    runner: Runner | undefined,
    view?: RunView,
    { kind = runner === undefined ? 'report' : 'playground', typeLine }: Role = {},
  ) {
    this.source = signal(source);
    this.view = signal<RunView | undefined>(view);
    this.#runner = runner;
    this.kind = kind;
    this.isEditable = kind === 'playground';
    this.#typeLine = typeLine;
    if (view !== undefined) this.#show(view);
    effect(() => {
      const source = this.source.value;
      if (this.isEditable) void this.#run(source);
    });
    effect(() => {
      const [view, cursor] = [this.view.value, this.cursor.value];
      if (view !== undefined) void this.#lookAt(view, cursor);
    });
  }

  /** The event at the cursor: the last that has happened. */
  readonly event = computed(() => this.view.value?.events[this.cursor.value - 1]);

  /** Whether `insert` does anything: it edits the script, or does a line of a live run. */
  get takesLines(): boolean {
    return this.isEditable || (this.#typeLine !== undefined && !this.isOver.value);
  }

  edit(change: Partial<RunSource>): void {
    this.source.value = { ...this.source.value, ...change };
  }

  /** Begins with another script: no line of the former one stays selected. */
  begin(change: Partial<RunSource>): void {
    batch(() => {
      this.line.value = undefined;
      this.edit(change);
    });
  }

  /** Inserts a line of script after the selected line, or where the cursor's event was caused. */
  insert(text: string): void {
    if (this.#typeLine !== undefined) {
      this.#typeLine(text);
      return;
    }
    const lines = this.source.value.script.split('\n');
    const after = this.line.value ?? this.lineAtCursor() ?? lines.length;
    lines.splice(after, 0, text);
    batch(() => {
      this.line.value = after + 1;
      this.edit({ script: lines.join('\n') });
    });
  }

  /** A live run has gone on. A person who looks at its end stays there. */
  grow(view: RunView): void {
    const isAtEnd = this.cursor.value === (this.view.value?.events.length ?? 0);
    batch(() => {
      if (this.source.value.script !== view.source.script) this.source.value = view.source;
      this.view.value = view;
      if (isAtEnd) this.cursor.value = view.events.length;
    });
  }

  /** The last line of the script that has caused an event by the cursor. */
  lineAtCursor(): number | undefined {
    const events = this.view.value?.events ?? [];
    for (let at = this.cursor.value - 1; at >= 0; at -= 1) {
      const line = events[at]?.line;
      if (line !== undefined) return line;
    }
    return undefined;
  }

  moveTo(cursor: number): void {
    const last = this.view.value?.events.length ?? 0;
    this.cursor.value = Math.max(0, Math.min(last, Math.round(cursor)));
  }

  /** Selects a line, and moves the cursor after the last event that it caused. */
  selectLine(line: number | undefined): void {
    batch(() => {
      this.line.value = line;
      const at = this.view.value?.events.findLastIndex((event) => event.line === line) ?? -1;
      if (line !== undefined && at !== -1) this.moveTo(at + 1);
    });
  }

  /** Asks the worker for something else than a run; undefined in a report. */
  ask(request: Request): Promise<Answer> | undefined {
    return this.#runner?.(request);
  }

  /** Gives up the run that is under way. */
  stop(): void {
    this.#runs += 1;
    batch(() => {
      this.isRunning.value = false;
      this.isStopped.value = true;
    });
    this.#runner?.restart?.();
  }

  async #run(source: RunSource): Promise<void> {
    this.#runs += 1;
    const id = this.#runs;
    batch(() => {
      this.isRunning.value = true;
      this.isStopped.value = false;
    });
    const answer = await this.#runner?.({ kind: 'run', id, source });
    if (id !== this.#runs || answer === undefined) return;
    batch(() => {
      this.isRunning.value = false;
      this.trouble.value = answer.kind === 'failed' ? answer.why : undefined;
      if (answer.kind === 'run') this.#show(answer.view);
    });
  }

  #show(view: RunView): void {
    this.view.value = view;
    this.cursor.value = view.events.length;
    this.focus.value = undefined;
  }

  async #lookAt(view: RunView, cursor: number): Promise<void> {
    this.#looks += 1;
    const id = this.#looks;
    const kept = view.looks.findLast((look) => look.cursor <= cursor);
    if (kept?.cursor === cursor || this.#runner === undefined) {
      this.#shownLook = id;
      this.look.value = kept;
      return;
    }
    // Of a long run the page shows what it has until the worker has repeated the run.
    if (kept !== undefined && view.looks.length > 1) this.look.value = kept;
    const answer = await this.#runner({ kind: 'look', id, source: view.source, cursor });
    if (answer.kind !== 'look' || view !== this.view.value) return;
    if (answer.look !== null && id > this.#shownLook) {
      this.#shownLook = id;
      this.look.value = answer.look;
    }
  }
}
