// Commands that compare an answer with what the script expects. An answer that is another one makes
// the run fail, and the next line still runs.
import { parseDuration, SLEEP_MS } from '../arguments.ts';
import { type Argument, defineCommand, type ParsedLine, type ParseLine } from '../command.ts';
import {
  EXPECTATION_WORDS,
  type Expectation,
  isMet,
  parseExpectation,
  tellExpectation,
  tellLines,
} from '../expectation.ts';
import { LineError } from '../lineError.ts';
import { quote } from '../printable.ts';
import { hearOnly, type LineReport } from '../report.ts';
import type { Run } from '../run.ts';
import type { WordReader } from '../words.ts';

/** The code of an answer that is not as expected. The line itself is not bad. */
export const UNEXPECTED = 'E_EXPECT';

/** The time between two looks at the answer. */
const WAIT_STEP_MS = 50;

function fail(run: Run, report: LineReport, title: string, why: string): void {
  run.history.disappoint();
  report.outcome(UNEXPECTED, why);
  report.find({ title, outcome: 'broken', text: why });
}

const expectation: Argument<Expectation> = {
  shown: '[exactly|any|lines|like|nothing] v',
  completion: (before) => (before.length === 0 ? [...EXPECTATION_WORDS] : []),
  isRepeated: true,
  read: (words) => parseExpectation(words.rest()),
};

const expect = defineCommand({
  name: 'expect',
  args: [expectation],
  about:
    'fails the run unless the line before printed this: a text; one of several; several lines in ' +
    'any order; a line with `*` for any characters and `?` for one; or nothing',
  block: 'outside',
  keepsAnswer: true,
  run: (run, [expected], report, { before }) => {
    if (before === undefined) throw new LineError('E_NOT_HERE', 'no line before it has been done');
    const { who, lines, isRefused } = before;
    const told = tellExpectation(expected);
    const title = `${EXPECT} ${told}`;
    const answered = isRefused ? 'was refused' : `answered ${tellLines(lines)}`;
    if (!isRefused && isMet(expected, lines)) report.find({ title, outcome: 'held', text: '' });
    else fail(run, report, title, `expected ${told}, but ${who} ${answered}`);
  },
});

interface Wait {
  readonly question: ParsedLine;
  readonly expected: Expectation;
  readonly withinMs: number;
}

const UNTIL = 'until';
const EXPECT = 'expect';
const WITHIN = 'within';
const QUESTIONS = ['get', 'printStore', 'inspect'];

const awaited: Argument<Wait> = {
  shown: 'until get c k|printStore s|inspect s expect ... within time',
  completion: (before) => {
    if (before.length === 0) return [UNTIL];
    return before.length === 1 ? [...QUESTIONS] : [];
  },
  isRepeated: true,
  read: (words, parse) => {
    if (words.next() !== UNTIL) throw new LineError('E_ARGS', `${UNTIL} is missing`);
    const question = readQuestion(words, parse);
    const [before, time] = cutLastWord(words.rest());
    const [text, within] = cutLastWord(before);
    if (within !== WITHIN) throw new LineError('E_ARGS', `${WITHIN} and a time are missing`);
    const withinMs = parseDuration(time);
    if (!(withinMs <= SLEEP_MS)) throw new LineError('E_ARGS', `${quote(time)} is no time`);
    return { question, expected: parseExpectation(text), withinMs };
  },
};

/** The words up to `expect`, as a line of their own. */
function readQuestion(words: WordReader, parse: ParseLine | undefined): ParsedLine {
  const asked: string[] = [];
  for (let word = words.next(); word !== EXPECT; word = words.next()) {
    if (word === undefined) throw new LineError('E_ARGS', `${EXPECT} is missing`);
    asked.push(word);
  }
  const question = parse?.(asked.join(' '));
  if (question?.command.isQuestion) return question;
  throw new LineError('E_ARGS', `only ${QUESTIONS.join(', ')} can be repeated`);
}

function cutLastWord(text: string): [before: string, word: string] {
  const at = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\t'));
  return [text.slice(0, Math.max(0, at)).trimEnd(), text.slice(at + 1)];
}

const wait = defineCommand({
  name: 'wait',
  args: [awaited],
  about:
    'repeats a look until the answer is as `expect` would have it; fails the run after the time',
  clientsOf: ([{ question }], run) => question.action.clientsOf(run),
  run: async (run, [{ question, expected, withinMs }], report, turn) => {
    const cluster = await run.openCluster();
    const end = cluster.now() + withinMs;
    for (;;) {
      const heard: string[] = [];
      await question.action.run(run, hearOnly(report.line, heard), turn);
      if (run.haste.isOn) return;
      const title = `wait until ${tellExpectation(expected)}`;
      if (isMet(expected, heard)) return report.find({ title, outcome: 'held', text: '' });
      const leftMs = end - cluster.now();
      if (leftMs <= 0) {
        const wanted = `expected ${tellExpectation(expected)} within ${withinMs} ms`;
        return fail(run, report, title, `${wanted}, but the last answer was ${tellLines(heard)}`);
      }
      await cluster.sleep(Math.min(WAIT_STEP_MS, leftMs));
    }
  },
});

export const EXPECTATION_COMMANDS = [expect, wait];
