// The command that repeats a run after a bug.
import { describe, expect, it } from 'vitest';
import { type Invocation, parseCommandLine } from '../../src/master/commandLine.ts';
import { describeLooseBug, describeReplay } from '../../src/master/replay.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';

function invocationOf(...words: string[]): Invocation {
  const parsed = parseCommandLine(words, PROTOCOLS);
  if ('status' in parsed) throw new Error(parsed.stderr);
  return parsed;
}

describe('the command that repeats a run', () => {
  it.each([
    [['--sim'], undefined, 'node master.js --seed 1 --sim < SCRIPT'],
    [['--sim', 'a b.txt'], undefined, "node master.js --seed 1 --sim 'a b.txt'"],
    [['--seed', '7', 'x.txt'], undefined, 'node master.js --seed 7 x.txt'],
    [['--sim', 'x.txt'], 'serve', 'node master.js serve --seed 1 --sim x.txt'],
    [['--sim'], 'serve', 'node master.js serve --seed 1 --sim'],
  ])('has the subcommand first: %j of %s', (words, subcommand, command) => {
    expect(describeReplay(words, invocationOf(...words), subcommand)).toBe(command);
  });

  it('is that of the subcommand if nothing else is known', () => {
    const bug = new Error('planted');
    const told = (words: string[], hasSubcommand: boolean) =>
      describeLooseBug(bug, words, PROTOCOLS, hasSubcommand).split('\n').at(-2);
    const serve = ['serve', 'x.txt', '--sim', '--exit'];
    expect(told(serve, true)).toBe('causeway: replay: node master.js serve x.txt --sim --exit');
    expect(told(['--sim'], false)).toBe('causeway: replay: node master.js --seed 1 --sim < SCRIPT');
  });
});
