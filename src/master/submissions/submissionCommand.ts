// The command of a submission: whether it is there, and the environment that it gets.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { quote } from '../../language/printable.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * All that a program may need to find its language and its home. The rest stays with the teacher:
 * it may have tokens and passwords.
 */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TZ',
  'LD_LIBRARY_PATH',
  'JAVA_HOME',
  'GOROOT',
  'GOPATH',
  'GOCACHE',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'VIRTUAL_ENV',
] as const;

/** `more` are names of variables to pass on as well. */
export function environmentOf(own: Environment, more: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    [...PASSED_ON, ...more].flatMap((name) => {
      const value = own[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** A word in which the shell sees nothing but a word. */
const PLAIN_WORD = /^[\w@%+:,./-]+$/;
/** Why the shell would not find the command; undefined if it would, or if that is hard to tell. */
export function whyNoCommand(
  command: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
): string | undefined {
  const [word = ''] = command.trim().split(/\s+/);
  if (!PLAIN_WORD.test(word)) return undefined;
  if (word.includes('/')) {
    const path = resolve(folder, word);
    if (!isFile(path)) return `there is no ${quote(word)} in ${folder}`;
    return isExecutable(path) ? undefined : `${quote(word)} in ${folder} is not executable`;
  }
  const folders = (environment.PATH ?? '').split(delimiter);
  const isThere = folders.some((one) => isFile(join(one, word)) && isExecutable(join(one, word)));
  return isThere || isOfShell(word, environment)
    ? undefined
    : `the command ${quote(word)} is not found`;
}

/** Whether no submission can have the command: it is looked for in PATH, and not there. */
export function isNowhere(command: string, environment: Readonly<Record<string, string>>): boolean {
  const [word = ''] = command.trim().split(/\s+/);
  return !word.includes('/') && whyNoCommand(command, '/', environment) !== undefined;
}

/** Whether it is a command of the shell itself, which is no file, or a word such as `while`. */
function isOfShell(word: string, environment: Readonly<Record<string, string>>): boolean {
  const words = ['-c', 'command -v -- "$1"', 'sh', word];
  return spawnSync('/bin/sh', words, { env: { ...environment }, stdio: 'ignore' }).status === 0;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
