// Keeps the files that a run writes separate: from the scripts that it reads, and from each other.
// Two names may mean one file, by a link or by another path to the same folder.
import { fstatSync } from 'node:fs';
import type { Invocation } from './commandLine.ts';
import { identityOf, named } from './namedFile.ts';

/** Why these files cannot be written, in plain words; undefined when they can. Changes no file. */
export function whyShared(invocation: Invocation, stdin: number | undefined): string | undefined {
  const { scripts, goldenPath, tracePath, historyPath, reportPath } = invocation;
  const read = scripts.map((path) => named(`the script ${path}`, path));
  if (scripts.length === 0 && stdin !== undefined) {
    read.push({ name: 'the script on stdin', identity: identityOf(fstatSync(stdin)) });
  }
  if (goldenPath !== undefined) read.push(named(`--golden ${goldenPath}`, goldenPath));
  const written = [
    ['--trace', tracePath],
    ['--history', historyPath],
    ['--report', reportPath],
    ['--junit', invocation.junitPath],
    ['--endpoints', invocation.endpointsPath],
  ] as const;
  const files = [...read];
  for (const [option, path] of written) {
    if (path === undefined) continue;
    const file = named(`${option} ${path}`, path);
    const other = files.find(({ identity }) => identity && identity === file.identity);
    if (other !== undefined) return `${file.name} is the same file as ${other.name}`;
    files.push(file);
  }
  return undefined;
}
