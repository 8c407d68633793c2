// Checks the output of a run: stdout has only specified answers, each to a line that asks for one;
// stderr has only specified codes (G3).
import * as v from 'valibot';
import { CALL_ERRORS, isCallErrorCode, meaningOf } from '../kernel/errors.ts';
import type { Protocol } from '../kernel/protocol.ts';
import { UNEXPECTED } from '../language/commands/expectations.ts';
import type { Coverage } from './coverage.ts';

const DIAGNOSTIC = /^causeway: script:([0-9]+): ([A-Za-z_]+): \S/;
const FREE_NOTE = /^causeway: note: \S/;

const ANSWER_CODES: ReadonlySet<string> = new Set(['ERR_KEY', 'ERR_DEP', 'ERR_UNREACHABLE']);

function isOwnAnswer(code: string): boolean {
  return isCallErrorCode(code) && meaningOf(code).isAnswer === true;
}

const line = v.pipe(v.number(), v.integer(), v.minValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** A code of the language, or one that a protocol has declared as an answer. */
const error = v.pipe(
  v.string(),
  v.check((code) => ANSWER_CODES.has(code) || isOwnAnswer(code)),
);
const answered = { line, client: v.number(), key: v.string() };
const server = { line, server: v.number() };
const scope = { line, client: v.number(), scope: v.string() };
const entries = v.array(v.strictTuple([v.string(), v.string()]));
type Entry = readonly [key: string, value: string];

/** By key; concurrent values of one key by value. */
function isBefore([key, value]: Entry, [next, other]: Entry): boolean {
  return key < next || (key === next && value < other);
}

const sorted = v.pipe(
  entries,
  v.check((all) => all.every((entry, at) => at === 0 || isBefore(all[at - 1] as Entry, entry))),
);

const asked = {
  ...{ line, command: v.literal('workload'), operations: count, put: count, get: count },
  ...{ append: v.exactOptional(count), pop: v.exactOptional(count) },
};

/** By command: the schema of its answer. The protocol specifies the answers of its own commands. */
const ANSWERS: ReadonlyMap<string, v.GenericSchema> = new Map<string, v.GenericSchema>([
  [
    'get',
    v.union([
      v.strictObject({ ...answered, command: v.literal('get'), value: v.string() }),
      v.strictObject({ ...answered, command: v.literal('get'), values: v.array(v.string()) }),
      v.strictObject({ ...answered, command: v.literal('get'), error }),
      v.strictObject({ ...scope, command: v.literal('get'), entries: sorted }),
      v.strictObject({ ...scope, command: v.literal('get'), error: v.literal('ERR_UNREACHABLE') }),
    ]),
  ],
  [
    'printStore',
    v.strictObject({
      ...server,
      command: v.literal('printStore'),
      entries: sorted,
    }),
  ],
  [
    'inspect',
    v.union([
      v.strictObject({ ...server, command: v.literal('inspect'), state: v.unknown() }),
      v.strictObject({ line, command: v.literal('inspect'), state: v.unknown() }),
      v.strictObject({
        line,
        command: v.literal('inspect'),
        servers: v.array(v.unknown()),
        differing: v.array(v.string()),
      }),
    ]),
  ],
  [
    'workload',
    v.union([
      v.strictObject(asked),
      v.objectWithRest(
        {
          ...asked,
          ...{ ok: count, ERR_KEY: count, ERR_DEP: count, ERR_UNREACHABLE: count },
        },
        v.number(),
      ),
    ]),
  ],
  ['check', v.looseObject({ line, command: v.literal('check') })],
]);

/** Codes that do not mean a bad line: outcomes of operations, and errors of calls to a server. */
const OUTCOMES = new Set(['note', 'E_TIMEOUT', UNEXPECTED, ...Object.keys(CALL_ERRORS)]);

export class AnswerJudge {
  readonly #protocol: Protocol;
  readonly #lineErrors: ReadonlySet<string>;
  readonly #coverage: Coverage;
  readonly #lines: readonly string[];

  /** `lines` are those of the script, and may grow. */
  constructor(setup: {
    protocol: Protocol;
    lineErrors: readonly string[];
    coverage: Coverage;
    lines: readonly string[];
  }) {
    this.#protocol = setup.protocol;
    this.#lineErrors = new Set(setup.lineErrors);
    this.#coverage = setup.coverage;
    this.#lines = setup.lines;
  }

  /** Describes the problem of a text on stdout; undefined if it is correct. */
  judgeAnswer(text: string): string | undefined {
    const answer = readJsonLine(text);
    const { line: number, command, error: code } = (answer ?? {}) as Record<string, unknown>;
    if (typeof code === 'string') this.#coverage.mark(`code ${code}`);
    const asked = commandOf(this.#lines[Number(number) - 1] ?? '');
    if (asked === undefined || asked !== command) return `an answer without a request: ${text}`;
    const schema = ANSWERS.get(asked);
    if (schema === undefined) {
      const own = this.#protocol.commands.find(({ name }) => name === asked);
      return own === undefined || own.prints === 'nothing' ? `${asked} has an answer` : undefined;
    }
    return v.is(schema, answer) ? undefined : `not an answer to ${asked}: ${text}`;
  }

  /** Describes the problem of a text on stderr; undefined if it is correct. */
  judgeDiagnostic(text: string): string | undefined {
    if (FREE_NOTE.test(text)) return undefined;
    const [, , code = ''] = DIAGNOSTIC.exec(text) ?? [];
    if (this.#lineErrors.has(code)) this.#coverage.mark(`bad line ${code}`);
    else if (!OUTCOMES.has(code) && !Object.hasOwn(this.#protocol.errors ?? {}, code))
      return `not a diagnostic: ${text}`;
    else this.#coverage.mark(`code ${code}`);
    return undefined;
  }
}

/** Undefined if the text is not JSON, or not one line. */
function readJsonLine(text: string): unknown {
  try {
    return text.endsWith('\n') ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The first word of a line. */
export function commandOf(text: string): string | undefined {
  return /^[ \t]*([^ \t]+)/.exec(text)?.[1];
}
