// The report of a bug: whose it is, and a stack that names the sources. The build puts a source map
// beside each part of a program; a package has none, and then the stack names the parts.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { ProtocolBug } from '../kernel/errors.ts';

/** A place in a stack: the file of a part, its line and its column, both from 1. */
const PLACE = /(?<=\(|at )(\/[^()\n]+\.js):([0-9]+):([0-9]+)/g;
const OF_PROTOCOL = /\bsrc\/protocols\/(\w+)\//;

/** `a bug in protocol mystore: Error: oops`, and the stack. */
export function tellBug(error: unknown): string {
  const stack = stackOf(error);
  return `a bug in ${ownerOf(error, stack)}: ${stack}`;
}

/** As `tellBug`, without the stack. */
export function tellBugBriefly(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `a bug in ${ownerOf(error, stackOf(error))}: ${text}`;
}

/** The stack of an error, or its text, with the places in the sources as far as they are known. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const maps = new Map<string, SourceMap | undefined>();
  const text = error.stack ?? error.message;
  return text.replace(PLACE, (place, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, readMap(file));
    const found = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (found === undefined || !('originalSource' in found)) return place;
    const { originalSource, originalLine, originalColumn } = found;
    return `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
  });
}

/** A protocol whose code is in the stack; it has called, or has been called by, the rest. */
function ownerOf(error: unknown, stack: string): string {
  const [, protocol] = OF_PROTOCOL.exec(stack) ?? [];
  if (protocol !== undefined) return `protocol ${protocol}`;
  return error instanceof ProtocolBug ? 'the protocol' : 'Causeway';
}

function readMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
