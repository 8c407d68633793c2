// Tells what a run does while it goes on, part by part: to a report, to live pages, or to both.
import type { InitialWrite, Recorded } from '../kernel/history.ts';
import type { TraceEvent } from '../kernel/trace.ts';
import { type Asked, levelsAsked } from '../language/claims.ts';
import type { ScriptLine } from '../language/lines.ts';
import type { Sink } from '../language/report.ts';
import type { Run } from '../language/run.ts';
import { MOST_EVENTS, type TakePart } from '../web/growingView.ts';
import { LookPlan } from '../web/lookPlan.ts';
import { toVerdict } from '../web/run/verdict.ts';
import type { SaidText } from '../web/view.ts';
import type { World } from './worlds.ts';

const FULL = `the page has the first ${MOST_EVENTS} events only`;

export class RunTeller {
  readonly #take: TakePart;
  readonly #world: World;
  readonly #asked: readonly Asked[];
  readonly #plan = new LookPlan();
  readonly #history: Recorded[] = [];
  #events = 0;
  /** The number of events at the last look. */
  #lookedAt = 0;
  /** The number of events at the last verdict. */
  #judgedAt = -1;
  #told = '';

  /** `asked`: what the command line asks to judge the run for. */
  constructor(take: TakePart, world: World, asked: readonly Asked[] = []) {
    this.#take = take;
    this.#world = world;
    this.#asked = asked;
  }

  /** Passes on what is said, and tells it. */
  over(sink: Sink): Sink {
    const say = (stream: SaidText['stream'], text: string, line: number | undefined): void => {
      sink[stream](text, line);
      this.#say(stream, text, line);
    };
    return {
      answer: (text, line) => say('answer', text, line),
      diagnostic: (text, line) => say('diagnostic', text, line),
    };
  }

  readonly event = (event: TraceEvent): void => {
    this.#events += 1;
    if (this.#events <= MOST_EVENTS) this.#take({ part: 'event', event });
    else if (this.#events === MOST_EVENTS + 1) this.#say('diagnostic', `causeway: note: ${FULL}`);
  };

  readonly operation = (operation: Recorded): void => {
    this.#history.push(operation);
    this.#take({ part: 'operation', operation });
  };

  readonly earlier = (write: InitialWrite): void => {
    this.#take({ part: 'earlier', write });
  };

  /** A line has been read, and comes before the line that has its number now. */
  line(line: ScriptLine): void {
    this.#take({ part: 'line', number: line.number, text: textOf(line) });
  }

  /** To be called when a line has been done, while the run stands still. */
  async done(run: Run, line: ScriptLine): Promise<void> {
    this.#tellChoice(run);
    if (this.#plan.isWanted(textOf(line))) await this.#look();
  }

  failed(why: string): void {
    this.#take({ part: 'failure', why });
  }

  /** Tells the last states and the verdict; of an interrupted run there is no last look. */
  async conclude(run: Run, { isInterrupted }: { readonly isInterrupted: boolean }): Promise<void> {
    this.#tellChoice(run);
    if (!isInterrupted) await this.#look();
    await this.judge(run);
  }

  /** Tells the verdict on the run so far, unless it has more operations than `most`. */
  async judge(run: Run, most = Infinity): Promise<void> {
    if (this.#history.length > most || this.#events === this.#judgedAt) return;
    this.#judgedAt = this.#events;
    try {
      const levels = levelsAsked(run, this.#asked);
      const verdict = toVerdict(await run.history.summarize(levels), this.#history);
      this.#take({ part: 'verdict', verdict });
    } catch (error) {
      this.failed(`the run cannot be judged: ${(error as Error).message}`);
    }
  }

  async #look(): Promise<void> {
    const isKnown = this.#lookedAt === this.#events;
    if (isKnown || this.#events > MOST_EVENTS) return;
    const look = await this.#world.look();
    if (look === undefined) return;
    this.#lookedAt = this.#events;
    this.#plan.took(JSON.stringify(look).length);
    this.#take({ part: 'look', look });
  }

  #say(stream: SaidText['stream'], text: string, line?: number): void {
    const said = { stream, text: text.replace(/\n$/, ''), ...(line !== undefined && { line }) };
    this.#take({ part: 'said', said });
  }

  #tellChoice({ protocol: { name: protocol }, options }: Run): void {
    const told = JSON.stringify([protocol, options]);
    if (told === this.#told) return;
    this.#told = told;
    this.#take({ part: 'choice', protocol, options });
  }
}

/** The line's text; of a line that cannot be read, a comment. */
function textOf(line: ScriptLine): string {
  if ('text' in line) return line.text;
  // The text as it is shown would be refused for the same reason only if it is all there.
  if (line.problem === 'E_CONTROL_CHAR' && line.legible !== undefined) return line.legible;
  return `# ${line.problem}: ${line.legible ?? line.why}`;
}
