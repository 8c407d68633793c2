// Words of the command line that name a file or a folder.
import { Argument, InvalidArgumentError, Option } from 'commander';

/** An option such as `--trace <file>`. The empty word is wrong usage. */
export function pathOption(flags: string, about: string): Option {
  const what = flags.includes('<folder>') ? 'folder' : 'file';
  return new Option(flags, about).argParser((path) => refuseEmpty(path, what));
}

/** One argument such as `[script]`. The empty word is wrong usage. */
export function pathArgument(name: string, about: string): Argument {
  return new Argument(name, about).argParser((path) => refuseEmpty(path, 'file'));
}

/** Arguments such as `[script...]`. */
export function pathArguments(name: string, about: string): Argument {
  return new Argument(name, about).argParser((path, before: string[] | undefined) => [
    ...(before ?? []),
    refuseEmpty(path, 'file'),
  ]);
}

function refuseEmpty(path: string, what: 'file' | 'folder'): string {
  if (path === '') throw new InvalidArgumentError(`It names no ${what}.`);
  return path;
}
