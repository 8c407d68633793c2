// The table of subcommands: `causeway check FILE`, `causeway swarm`, and so on. Each is loaded only
// when it is used.
import { existsSync } from 'node:fs';
import { nearestName } from '../language/nearest.ts';
import { quote } from '../language/printable.ts';
import type { RunSubcommand } from './subcommand.ts';

export interface Subcommand {
  readonly name: string;
  /** Its arguments, as the help shows them. */
  readonly usage: string;
  /** One sentence. */
  readonly about: string;
  readonly load: () => Promise<RunSubcommand>;
}

export const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: 'check',
    usage:
      '[FILE] [--format NAME] [--level LEVEL]... [--json] [--budget N] [--initial VALUES]... ' +
      '[--to NAME [--out FILE] [--split]]',
    about: 'judges a history of Causeway or of another tool, and writes it in other formats',
    load: async () => (await import('./subcommands/check.ts')).runCheck,
  },
  {
    name: 'swarm',
    usage: '[--protocol name] [--seeds n] [--from k] [--jobs j]',
    about: 'runs many random scripts under random faults, and says what broke and what was met',
    load: async () => (await import('./subcommands/swarm.ts')).runSwarm,
  },
  {
    name: 'fuzz',
    usage: '[--protocol name] [--seeds n] [--from k] [--jobs j] [--out file]',
    about: 'looks for a random script that breaks a guarantee, and shrinks it to what matters',
    load: async () => (await import('./subcommands/fuzz.ts')).runFuzz,
  },
  {
    name: 'replay',
    usage: '[--protocol name] [--seed n] [--trace file] [[--faults plan] script]',
    about: "runs one seed's random script again, or the script named, and shows how it is judged",
    load: async () => (await import('./subcommands/replay.ts')).runReplay,
  },
  {
    name: 'record',
    usage: 'SCRIPT [--seeds n] [--from k] [--out file] [--runs n]',
    about: 'writes all the outputs that a script has over many seeds, to compare runs with them',
    load: async () => (await import('./subcommands/record.ts')).runRecord,
  },
  {
    name: 'grade',
    usage: 'PROTOCOL [--processes] [--phase N] [--points 60|23] [--seed N] | --command CMD SUITE',
    about:
      'runs the six phases in which a chain-replicated store is graded, or the scripts of a ' +
      'suite with a master in any language; prints the points',
    load: async () => (await import('./subcommands/grade.ts')).runGrade,
  },
  {
    name: 'evaluate',
    usage:
      'PROTOCOL|compare [N] [--processes|--sim] [--only EXPERIMENT] [--rounds n|--seconds n] ' +
      '[--seed n] [--json file]',
    about: 'measures staleness, response times and the effect of failures; compares protocols',
    load: async () => (await import('./subcommands/evaluate.ts')).runEvaluate,
  },
  {
    name: 'serve',
    usage: '[script] [--sim] [--port n] [--exit]',
    about: 'shows a run in a browser while it goes on, and steps through its script from there',
    load: async () => (await import('./subcommands/serve.ts')).runServe,
  },
  {
    name: 'page',
    usage: '--out FOLDER',
    about: 'writes the page: a playground that runs scripts in a browser, without a network',
    load: async () => (await import('./subcommands/page.ts')).runPage,
  },
  {
    name: 'editor',
    usage: '--out FILE.vsix|FOLDER',
    about: 'writes the extension for VS Code: colours, snippets, and a button that runs a script',
    load: async () => (await import('./subcommands/editor.ts')).runEditor,
  },
];

/** The subcommand that the arguments ask for. A script of that name must be given as `./NAME`. */
export function findSubcommand(words: readonly string[]): Subcommand | undefined {
  return SUBCOMMANDS.find(({ name }) => name === words[0]);
}

/** The error about a first word that is no file, and close to the name of a subcommand. */
export function tellMistyped([word = '']: readonly string[]): string | undefined {
  if (word.startsWith('-') || word === '' || existsSync(word)) return undefined;
  const nearest = nearestName(
    word,
    SUBCOMMANDS.map(({ name }) => name),
  );
  if (nearest === undefined) return undefined;
  return `there is no script ${quote(word)}; the nearest subcommand is ${nearest}`;
}
