// The files that a script on the command line may include.
import { statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { ScriptFiles } from '../language/includes.ts';
import { readLines } from '../language/lines.ts';
import { readable } from './execute.ts';
import { fileBytes } from './fileBytes.ts';
import { whyUnreadable } from './namedFile.ts';

export const SCRIPT_FILES: ScriptFiles = {
  resolve: (name, from) => (isAbsolute(name) ? name : join(dirname(from), name)),
  identify: (path) => {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  },
  whyUnreadable: (path) => whyUnreadable(path, 'script'),
  read: (path) => readLines(readable({ name: path, bytes: fileBytes(path) })),
};
