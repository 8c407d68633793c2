// Runs a script in simulation and gives what it printed, its trace, its history and its verdicts.
import type { Recorded } from '../kernel/history.ts';
import { MOST_SEED } from '../kernel/seed.ts';
import type { TraceEvent } from '../kernel/trace.ts';
import { CHECKED, type Checked, isChecked } from '../language/checked.ts';
import { chooseProtocol } from '../language/choice.ts';
import type { Finding } from '../language/finding.ts';
import type { RunRecord } from '../language/judgeRecord.ts';
import { PROTOCOLS } from '../protocols/registry.ts';
import { parseFaults } from '../sim/faultText.ts';
import { usualTurn } from '../sim/scheduler.ts';
import { type Play, prepare } from './play.ts';
import type { RunSource } from './source.ts';
import type { StopSignal } from './stopSignal.ts';
import { createTurns } from './turns.ts';
import { judgeBy, type LevelVerdict, summarize, type Verdict } from './verdicts.ts';

export interface RunSettings {
  /** Chooses everything that is random: a whole number up to 2^32 - 1; 1 if absent. */
  readonly seed?: number | undefined;
  /** The protocol of a script that names none; `causal` if absent. */
  readonly protocol?: string | undefined;
  /** How the simulated network, disks and nodes misbehave, as `--faults` takes it. */
  readonly faults?: string | undefined;
  /** The script's name in diagnostics; `script` if absent. */
  readonly name?: string | undefined;
  /** Such as an AbortSignal: ends the run, which then rejects with its reason. */
  readonly signal?: StopSignal | undefined;
}

/** What was printed at once, without the newline at its end. */
export interface Said {
  /** The script's line that it concerns, from 1; absent if none. */
  readonly line?: number;
  readonly text: string;
}

/** A run that has ended. The same script, seed and settings give the same one. */
export interface ScriptRun {
  /** All that the program would have written to standard output. */
  readonly output: string;
  /** The same, in parts. */
  readonly answers: readonly Said[];
  /** Notes, bad lines and failed expectations, as on standard error. */
  readonly diagnostics: readonly Said[];
  /** What each `expect`, `wait until` and named level of a `check` came to, and each bad line. */
  readonly findings: readonly Finding[];
  /**
   * The exit status of the program: 0, or 65 if the script has bad lines, else 1 if an expectation
   * or a `check` of the script has failed, else 2 if one is undecided.
   */
  readonly status: 0 | 1 | 2 | 65;
  /** The protocol that the script chose, and a text for each of its options. */
  readonly protocol: string;
  readonly options: Readonly<Record<string, string>>;
  /** In the order in which the operations ended. */
  readonly history: readonly Recorded[];
  /** In the order in which the events happened. */
  readonly trace: readonly TraceEvent[];
  /** Judges the run by one level. Throws a RangeError for a word that is no level. */
  check(level: Checked): LevelVerdict;
  /** The run judged as by `check` without a level. */
  readonly verdict: Verdict;
}

/**
 * Runs a script in simulation. Bad lines and failed expectations are part of the result. Rejects
 * with a RangeError for settings that are none, and with the cause if the run cannot go on: a
 * defect of Causeway or of the protocol, such as a broken invariant.
 */
export async function runScript(script: string, settings: RunSettings = {}): Promise<ScriptRun> {
  const source = toSource(script, settings);
  const answers: Said[] = [];
  const diagnostics: Said[] = [];
  const findings: Finding[] = [];
  const trace: TraceEvent[] = [];
  const history: Recorded[] = [];
  const play = prepare(source, {
    ...(settings.name !== undefined && { name: settings.name }),
    ...(settings.signal !== undefined && { signal: settings.signal }),
    sink: {
      answer: (text, line) => answers.push(toSaid(text, line)),
      diagnostic: (text, line) => diagnostics.push(toSaid(text, line)),
    },
    trace: (event) => trace.push(event),
    onFinding: (finding) => findings.push(finding),
    onOperation: (operation) => history.push(operation),
    ...(usualTurn === undefined && { nextTurn: createTurns() }),
  });
  try {
    await play.play();
  } finally {
    await play.run.stop();
  }
  const { protocol, options } = play.run;
  return {
    output: answers.map(({ text }) => `${text}\n`).join(''),
    ...{ answers, diagnostics, findings, trace, history, options },
    protocol: protocol.name,
    status: statusOf(play),
    ...judgesOf(play.run.history.record),
  };
}

const SETTINGS: readonly string[] = [
  'seed',
  'protocol',
  'faults',
  'name',
  'signal',
] satisfies (keyof RunSettings)[];

function toSource(script: string, settings: RunSettings): RunSource {
  const unknown = Object.keys(settings).find((name) => !SETTINGS.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`'${unknown}' is no setting; there is ${SETTINGS.join(', ')}`);
  }
  const { seed = 1, protocol = PROTOCOLS[0]?.name ?? '', faults = '' } = settings;
  if (typeof script !== 'string') throw new TypeError('a script is a text');
  if (!Number.isInteger(seed) || seed < 0 || seed > MOST_SEED) {
    throw new RangeError(`a seed is a whole number up to ${MOST_SEED}, not ${seed}`);
  }
  try {
    chooseProtocol(PROTOCOLS, protocol);
    if (faults !== '') parseFaults(faults);
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error));
  }
  return { script, protocol, seed, faults };
}

function toSaid(text: string, line: number | undefined): Said {
  return { ...(line !== undefined && { line }), text: text.replace(/\n$/, '') };
}

const STATUS = { holds: 0, broken: 1, undecided: 2 } as const;

function statusOf({ run, interpreter }: Play): ScriptRun['status'] {
  return interpreter.badLineCount > 0 ? 65 : STATUS[run.history.outcome];
}

/** Judging takes time, so it is done when it is asked for, and once. */
function judgesOf(record: RunRecord): Pick<ScriptRun, 'check' | 'verdict'> {
  const verdictByLevel = new Map<Checked, LevelVerdict>();
  let summary: Verdict | undefined;
  return {
    check(level) {
      if (!isChecked(level)) {
        throw new RangeError(`'${level}' is no level; there is ${CHECKED.join(', ')}`);
      }
      const known = verdictByLevel.get(level) ?? judgeBy(record, level);
      verdictByLevel.set(level, known);
      return known;
    },
    get verdict() {
      summary ??= summarize(record);
      return summary;
    },
  };
}
