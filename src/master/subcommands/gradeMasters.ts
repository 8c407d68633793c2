// `causeway grade --command COMMAND SUITE`: grades masters that others have written.
import { mkdirSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import _ from 'lodash';
import { missingIdentity, toClassroom50 } from '../../grading/formats/classroom50.ts';
import { toCsv } from '../../grading/formats/csv.ts';
import { toGradescope } from '../../grading/formats/gradescope.ts';
import { toJunit } from '../../grading/formats/junit.ts';
import { toPage } from '../../grading/formats/page.ts';
import type { GradedScript } from '../../grading/gradedScript.ts';
import type { ScriptResult, SubmissionResult } from '../../grading/result.ts';
import { SuiteError } from '../../grading/suite.ts';
import { reportLines, submissionLine, tableLines, totalLine } from '../../grading/textReport.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { escapeControls, quote } from '../../language/printable.ts';
import { EXIT } from '../exitStatus.ts';
import { Interruption } from '../interruption.ts';
import { assertReplaceable, replaceFile } from '../replaceFile.ts';
import type { SubcommandSetup } from '../subcommand.ts';
import { type GradeOrder, gradeSubmission } from '../submissions/gradeSubmission.ts';
import { isFolder, type LoadedSuite, loadSuite } from '../submissions/loadSuite.ts';
import { environmentOf, isNowhere, whyNoCommand } from '../submissions/submissionCommand.ts';
import { type MastersOrder, readMastersOrder } from './gradeMastersOptions.ts';

/**
 * Exit status 0 if every submission has all points, or if a file for another grading system was
 * written: that system tells of lost points.
 */
export async function runGradeMasters(setup: SubcommandSetup): Promise<number> {
  const { words, output } = setup;
  const order = readMastersOrder(words, output);
  if (typeof order === 'number') return order;
  try {
    const suite = await loadSuite(order.suite);
    return await new MastersGrading(setup, order, suite).run();
  } catch (error) {
    if (!(error instanceof SuiteError)) throw error;
    output.diagnostic(`causeway: ${escapeControls(error.message)}\n`);
    return EXIT.usage;
  }
}

class MastersGrading {
  readonly #setup: SubcommandSetup;
  readonly #order: MastersOrder;
  readonly #suite: LoadedSuite;
  readonly #scripts: readonly GradedScript[];
  readonly #environment: Readonly<Record<string, string>>;
  /** Of one submission; it ends the work on the others. */
  readonly #failure = new Interruption();

  constructor(setup: SubcommandSetup, order: MastersOrder, suite: LoadedSuite) {
    this.#setup = setup;
    this.#order = order;
    this.#suite = suite;
    this.#scripts = chooseScripts(suite, order.only);
    this.#environment = environmentOf(process.env, order.environment);
  }

  async run(): Promise<number> {
    for (const name of this.#suite.unused) this.#note(`${name} is not in the suite`);
    if (this.#order.format === 'classroom50') {
      const missing = missingIdentity(process.env);
      if (missing.length > 0) this.#note(`not set in the environment: ${missing.join(', ')}`);
    }
    const { submissions } = this.#order;
    return submissions === undefined ? this.#gradeOne() : this.#gradeMany(submissions);
  }

  /** Each script is reported when its result is there. */
  async #gradeOne(): Promise<number> {
    const { submission: folder, command, format, outPath, pagePath, csvPath } = this.#order;
    if (!isFolder(folder)) throw new EnvironmentError('E_IO', `${folder}: there is no such folder`);
    const why = whyNoCommand(command, folder, this.#environment);
    // A teacher who reads the terminal has mistyped it; another system needs its file.
    if (why !== undefined && (format === 'text' || isNowhere(command, this.#environment))) {
      throw new EnvironmentError('E_SPAWN', why);
    }
    for (const path of [outPath, pagePath, csvPath]) {
      if (path !== undefined) assertReplaceable(path);
    }
    const isReported = format === 'text' || outPath !== undefined;
    const scripts: ScriptResult[] = [];
    for await (const one of this.#resultsOf(folder)) {
      scripts.push(one);
      if (isReported) this.#answer(reportLines({ name: '', scripts: [one] }, this.#fileWidth));
    }
    const { status } = this.#setup.interruption;
    if (status !== undefined) return status;
    const result = { name: basename(resolve(folder)), scripts };
    if (isReported) this.#answer([totalLine(result)]);
    const text = this.#format(result);
    if (outPath !== undefined) replaceFile(outPath, text);
    else if (!isReported) this.#setup.output.answer(text);
    if (pagePath !== undefined) replaceFile(pagePath, this.#page(result));
    if (csvPath !== undefined) replaceFile(csvPath, toCsv([result]));
    return this.#statusOf([result]);
  }

  async #gradeMany(parent: string): Promise<number> {
    const { command, outPath, pagePath, csvPath, jobs, format } = this.#order;
    const { names, others } = listFolders(parent);
    for (const name of others) this.#note(`${name} is no folder: it is not graded`);
    if (names.length === 0) throw new EnvironmentError('E_IO', `${parent}: it has no folder in it`);
    if (isNowhere(command, this.#environment)) {
      throw new EnvironmentError('E_SPAWN', `${whyNoCommand(command, parent, this.#environment)}`);
    }
    for (const path of [outPath, pagePath]) {
      if (path === undefined) continue;
      makeFolder(path);
      assertReplaceable(join(path, `${names[0]}.html`));
    }
    if (csvPath !== undefined) assertReplaceable(csvPath);
    const results = new Map<string, SubmissionResult>();
    const waiting = [...names];
    const work = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const scripts: ScriptResult[] = [];
        for await (const one of this.#resultsOf(join(parent, name))) scripts.push(one);
        if (this.#isOver) return;
        const result = { name, scripts };
        results.set(name, result);
        this.#note(submissionLine(result));
        const file = `${name}.${EXTENSIONS[format]}`;
        if (outPath !== undefined) replaceFile(join(outPath, file), this.#format(result));
        if (pagePath !== undefined) replaceFile(join(pagePath, `${name}.html`), this.#page(result));
      }
    };
    try {
      await this.#allOrNone(Array.from({ length: Math.min(jobs, names.length) }, work));
    } finally {
      const found = names.flatMap((name) => results.get(name) ?? []);
      const { length } = names;
      if (found.length < length) this.#note(`only ${found.length} of ${length} are graded`);
      if (found.length > 0) this.#answer(tableLines(found));
      if (csvPath !== undefined && found.length > 0) replaceFile(csvPath, toCsv(found));
    }
    return this.#setup.interruption.status ?? this.#statusOf([...results.values()]);
  }

  /** If one fails, the others are interrupted, and have ended when the error is thrown. */
  async #allOrNone(tasks: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(tasks);
    } catch (error) {
      this.#failure.interrupt(EXIT.environment);
      await Promise.allSettled(tasks);
      throw error;
    }
  }

  /** Whether no further result is wanted. */
  get #isOver(): boolean {
    return (this.#setup.interruption.status ?? this.#failure.status) !== undefined;
  }

  #resultsOf(folder: string): AsyncGenerator<ScriptResult> {
    const { command, isShrinking, ignored } = this.#order;
    const { areOrphansFaults } = this.#suite;
    const environment = this.#environment;
    const order: GradeOrder = {
      ...{ command, folder, environment, areOrphansFaults, isShrinking, ignored },
    };
    const over = Promise.race([this.#setup.interruption.happened, this.#failure.happened]);
    return gradeSubmission(order, this.#scripts, over);
  }

  #format(result: SubmissionResult): string {
    switch (this.#order.format) {
      case 'gradescope':
        return toGradescope(result);
      case 'classroom50':
        return toClassroom50(result, process.env, new Date());
      case 'junit':
        return toJunit(result);
      case 'text': {
        const lines = [...reportLines(result, this.#fileWidth), totalLine(result)];
        return lines.map((line) => `${line}\n`).join('');
      }
    }
  }

  #page(result: SubmissionResult): string {
    const texts = new Map(this.#scripts.map(({ spec, text }) => [spec.file, text]));
    return toPage(this.#suite.title, result, texts);
  }

  get #fileWidth(): number {
    return Math.max(...this.#scripts.map(({ spec }) => spec.file.length));
  }

  #statusOf(results: readonly SubmissionResult[]): number {
    const { format } = this.#order;
    if (format === 'gradescope' || format === 'classroom50') return EXIT.ok;
    const scripts = results.flatMap((result) => result.scripts);
    if (scripts.some(({ faults }) => faults.length > 0)) return EXIT.broken;
    return scripts.some(({ isUndecided }) => isUndecided) ? EXIT.undecided : EXIT.ok;
  }

  #answer(lines: readonly string[]): void {
    this.#setup.output.answer(lines.map((line) => `${line}\n`).join(''));
  }

  #note(text: string): void {
    this.#setup.output.diagnostic(`causeway: note: ${escapeControls(text)}\n`);
  }
}

const EXTENSIONS = { text: 'txt', gradescope: 'json', classroom50: 'json', junit: 'xml' } as const;

function chooseScripts({ scripts }: LoadedSuite, only: readonly string[]): readonly GradedScript[] {
  const unknown = only.find((name) => !scripts.some(({ spec }) => spec.file === name));
  if (unknown !== undefined) throw new SuiteError(`the suite has no script ${quote(unknown)}`);
  return only.length === 0 ? scripts : scripts.filter(({ spec }) => only.includes(spec.file));
}

/** What an archive of a Mac has besides its files. */
const NO_SUBMISSION = new Set(['__MACOSX']);

function listFolders(parent: string): { names: string[]; others: string[] } {
  if (!isFolder(parent)) throw new EnvironmentError('E_IO', `${parent}: there is no such folder`);
  const all = readdirSync(parent)
    .filter((name) => !name.startsWith('.') && !NO_SUBMISSION.has(name))
    .sort();
  const [names, others] = _.partition(all, (name) => isFolder(join(parent, name)));
  return { names, others };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new EnvironmentError('E_IO', `${path}: ${(error as Error).message}`);
  }
}
