// Rules about the text of single files: sizes, opening comments, names, banned words.
import { findFunctions } from './functions.ts';
import type { Problem, Rule, SourceFile } from './project.ts';
import { lineAt } from './scanner.ts';

const COLUMNS = 100;
const FUNCTION_LINES = 60;
const SRC_LINES = 300;
const TEST_LINES = 500;
/** The few files that may be longer, each with its reason. Remove a file that has become short. */
const LONG_FILES: ReadonlyMap<string, string> = new Map([
  ['src/protocols/chain/replica.ts', 'one shell: its parts would share all that it waits for'],
  ['src/protocols/chain/state.ts', 'one state machine: every decision about the same logs'],
]);

interface Ban {
  readonly name: string;
  readonly pattern: RegExp;
  readonly instead: string;
  /** The files that it applies to; those of `src` if absent. */
  readonly where?: RegExp;
  /** Files whose purpose requires it. */
  readonly except?: RegExp;
}

const SRC = /^src\//;
const ALL = /^/;
const FENCE = /^src\/sim\/fence\.ts$/;
/** The fence, the wall clock of Env, and the date of a grade. */
const WALL_CLOCK = /^src\/(?:sim\/fence|rpc\/processEnv|master\/subcommands\/gradeMasters)\.ts$/;
const REAL_WORLD = /^src\/(?:rpc|processes|master|server|client|web\/page)\/|^src\/sim\/fence\.ts$/;

/** Checked in code: words in comments and strings do not count. */
const CODE_BANS: readonly Ban[] = [
  {
    name: 'no Math.random',
    pattern: /\bMath\.random\b/g,
    instead: "take Env's random(), or a named stream from kernel/random.ts",
    except: FENCE,
  },
  {
    name: 'no wall clock',
    pattern: /\bDate\.now\b|\bnew Date\(/g,
    instead: "take Env's now(); in the real world performance.now(), which never goes back",
    except: WALL_CLOCK,
  },
  {
    name: 'timers come from Env',
    pattern: /\b(?:setTimeout|setInterval)\b/g,
    instead: "take Env's after()",
    except: REAL_WORLD,
  },
  {
    name: 'code of both worlds asks Env alone',
    pattern: /\b(?:performance|crypto)\.|\bsetImmediate\(|\bprocess\.\w+/g,
    instead: 'take what Env has; it is all that both worlds have',
    where: /^src\/(?:kernel|clocks|log|replication|protocols|checkers|histories|language)\//,
  },
  {
    name: 'no lodash function that reads the clock or is random',
    pattern:
      /\b_\.(?:shuffle|sample|sampleSize|random|uniqueId|now|delay|defer|debounce|throttle)\b/g,
    instead: "take Env's random() and after(): these escape the simulation",
    where: ALL,
  },
  {
    name: 'no console',
    pattern: /\bconsole\.\w+/g,
    instead: 'answers go to stdout through the master, diagnostics to stderr',
  },
  {
    name: 'stdout belongs to the master',
    pattern: /\bprocess\.stdout\b/g,
    instead: 'return what is to be printed; the master prints it',
    except: /^src\/master\//,
  },
  {
    name: 'no code from text',
    pattern: /\beval\s*\(|\bnew Function\b|\b_\.template\b|\bshell\s*:\s*true\b/g,
    instead: 'look the case up in a Map, and start programs without a shell',
    where: /^(?:src|bench)\//,
  },
  {
    name: 'no any',
    pattern: /(?:[:<|&,(=]|\bas|=>)\s*any\b(?!\s*[.(:])|\bany\[\]/g,
    instead: 'write the type, or `unknown` and a check',
    where: ALL,
  },
  {
    name: 'no default export',
    pattern: /\bexport default\b|\bexport\s*\{[^}]*\bas default\b/g,
    instead: 'export it under its name, so that it is called the same everywhere',
    where: ALL,
  },
  {
    name: 'every test runs',
    pattern: /\b(?:describe|it|test|bench)\.(?:only|skip|todo)\b|\bx(?:it|describe)\s*\(/g,
    instead: 'run it, or delete it',
    where: /^test\//,
  },
  {
    name: 'tests wait for events',
    pattern: /\bsetTimeout\(\s*(?:resolve|done|r|ok)\b|=>\s*setTimeout\(/g,
    instead: 'wait for what has to happen: a line, a message, an exit',
    where: /^test\//,
    // The operating system does not report the end of another process's child.
    except: /^test\/support\/processTree\.ts$/,
  },
];

/** The rooms and pages whose texts are in plain words. */
const PLAIN_ROOM_NAMES = [
  'checkers',
  'client',
  'clocks',
  'fuzz',
  'histories',
  'kernel',
  'language',
  'log',
  'master',
  'processes',
  'protocols',
  'replication',
  'rpc',
  'scripts',
  'server',
  'sim',
  'support',
  'tidy',
];
const PLAIN_ROOMS = new RegExp(
  `^(?:src|test)/(?:${PLAIN_ROOM_NAMES.join('|')})/|^test/(?:(?:conformance|twins)/)?[^/]+$`,
);
const PLAIN_PAGES = [
  'CONTRIBUTING.md',
  'README.md',
  'docs/adding-a-protocol.md',
  'docs/architecture.md',
  'docs/bad-input.md',
  'docs/checkers.md',
  'docs/glossary.md',
  'docs/histories.md',
  'docs/json.md',
  'docs/language.md',
  'docs/performance.md',
  'docs/rpc.md',
  'docs/promises.md',
  'docs/protocols/causal.md',
  'docs/protocols/chain.md',
  'docs/protocols/quorum.md',
  'docs/protocols/sharded.md',
  'docs/protocols/weak.md',
  'docs/storage.md',
  'docs/swarm.md',
  'docs/threat-model.md',
  'docs/trace.md',
  'docs/tutorial.md',
  'docs/verdicts.md',
  'docs/worlds.md',
];
const NO_ACTOR = /\b(?:[Aa]ny|[Ee]very|[Nn]o|[Ss]ome)body\b|\b[Ww]hoever\b/g;
const NAME_THE_ACTOR =
  'name the actor ("the caller", "every server"), or write "it is unknown whether", "no read has"';

/** Looked for in comments. */
const COMMENT_BANS: readonly Ban[] = [
  {
    name: 'nothing is left to do in comments',
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/g,
    instead: 'do it, or say what holds today',
    where: ALL,
  },
  {
    name: 'no checker is silenced',
    pattern: /@ts-(?:ignore|nocheck)\b|\b(?:biome|eslint)-(?:ignore|disable)/g,
    instead: 'mend what it complains about',
    where: ALL,
  },
  {
    name: 'no expected type error in src',
    pattern: /@ts-expect-error\b/g,
    instead: 'mend the type; only a test may show that something does not compile',
  },
  {
    name: 'comments name who acts',
    pattern: NO_ACTOR,
    instead: NAME_THE_ACTOR,
    where: PLAIN_ROOMS,
  },
];

export const TEXT_RULES: readonly Rule[] = [
  ...CODE_BANS.map((ban) => banRule(ban, ({ code }) => [{ line: 1, text: code }])),
  ...COMMENT_BANS.map((ban) => banRule(ban, ({ comments }) => comments)),
  fileRule('no vm but in the launcher', ({ path, imports }) =>
    SRC.test(path) && !/launch/i.test(path)
      ? imports
          .filter(({ specifier }) => /^(?:node:)?vm$/.test(specifier))
          .map(({ line }) => ({ line, text: 'vm: only the launcher may load compiled code' }))
      : [],
  ),
  fileRule("lodash is imported as `import _ from 'lodash'`", ({ text, imports }) =>
    imports
      .filter(({ specifier }) => specifier.startsWith('lodash'))
      .filter(({ line }) => text.split('\n')[line - 1] !== "import _ from 'lodash';")
      .map(({ line }) => ({
        line,
        text: "write `import _ from 'lodash';`, or it fails at run time",
      })),
  ),
  fileRule('lines are short', ({ text }) =>
    text
      .split('\n')
      .flatMap((content, index) =>
        [...content].length > COLUMNS
          ? [{ line: index + 1, text: `over ${COLUMNS} columns: break it` }]
          : [],
      ),
  ),
  fileRule('files are short', ({ path, text }) => {
    const limit = path.startsWith('test/') ? TEST_LINES : SRC_LINES;
    const lines = text.split('\n').length - 1;
    if (LONG_FILES.has(path)) {
      return lines > limit ? [] : [{ line: 1, text: 'short by now: take it off LONG_FILES' }];
    }
    return lines > limit
      ? [{ line: lines, text: `${lines} lines, over ${limit}: split it by what it is for` }]
      : [];
  }),
  fileRule('functions are short', (file) =>
    findFunctions(file.code)
      .filter(({ lines }) => lines > FUNCTION_LINES)
      .filter(({ line }) => !isGroupOfTests(file, line))
      .map(({ line, lines }) => ({
        line,
        text: `a function of ${lines} lines, over ${FUNCTION_LINES}: give a part of it a name`,
      })),
  ),
  fileRule('files of src open with what they are for', ({ path, text }) => {
    if (!SRC.test(path)) return [];
    const lines = openingCommentLines(text);
    return lines >= 1 && lines <= 5
      ? []
      : [{ line: 1, text: 'open with 1 to 5 lines of comment: what is it for?' }];
  }),
  {
    name: 'names say what is inside',
    check: ({ sources }) =>
      sources
        .filter(({ path }) =>
          path
            .split('/')
            .some((part) => /^(?:utils?|helpers?|common|managers?|misc)(?:\.|$)/i.test(part)),
        )
        .map(({ path }) => ({ where: path, text: 'name it after what it does' })),
  },
  {
    name: 'pages name who acts',
    check: ({ textByPath }) =>
      [...textByPath].filter(isPlainPage).flatMap(([path, page]) => {
        const text = withoutExamples(page);
        return [...text.matchAll(NO_ACTOR)].map((match) => ({
          where: `${path}:${lineAt(text, match.index)}`,
          text: `${match[0]}: ${NAME_THE_ACTOR}`,
        }));
      }),
  },
];

function banRule(
  { name, pattern, instead, where = SRC, except }: Ban,
  partsOf: (file: SourceFile) => readonly { line: number; text: string }[],
): Rule {
  return fileRule(name, (file) => {
    if (!where.test(file.path) || except?.test(file.path)) return [];
    return partsOf(file).flatMap((part) =>
      [...part.text.matchAll(pattern)].map((match) => ({
        line: part.line + lineAt(part.text, match.index) - 1,
        text: `${match[0].trim()}: ${instead}`,
      })),
    );
  });
}

function fileRule(
  name: string,
  judge: (file: SourceFile) => readonly { line: number; text: string }[],
): Rule {
  return {
    name,
    check: ({ sources }) =>
      sources.flatMap((file) =>
        judge(file).map(({ line, text }): Problem => ({ where: `${file.path}:${line}`, text })),
      ),
  };
}

function isPlainPage([path]: readonly [path: string, text: string]): boolean {
  return PLAIN_PAGES.includes(path) || path.startsWith('docs/decisions/');
}

/** A page with its code blocks blanked out: these quote what the program prints. */
function withoutExamples(page: string): string {
  return page.replace(/^```[\s\S]*?^```/gm, (block) => block.replace(/[^\n]/g, ' '));
}

/** A `describe` block holds functions, and is none itself. */
function isGroupOfTests({ path, text }: SourceFile, line: number): boolean {
  return path.startsWith('test/') && /\bdescribe\b/.test(text.split('\n')[line - 1] ?? '');
}

/**
 * How many lines the first paragraph has of the comment that a file opens with; 0 if it opens with
 * something else. Numbered invariants, or a protocol's description, may follow in further ones.
 */
function openingCommentLines(text: string): number {
  const body = text.replace(/^#!.*\n/, '');
  const block = /^\/\*[\s\S]*?\*\//.exec(body)?.[0];
  const comment = block ?? /^(?:\/\/.*(?:\n|$))*/.exec(body)?.[0] ?? '';
  const lines = comment.split('\n').map((line) => line.replace(/^[\s/*]+/, '').trim());
  const paragraphs = lines.join('\n').trim().split(/\n\n+/);
  return paragraphs[0] === '' ? 0 : (paragraphs[0] ?? '').split('\n').length;
}
