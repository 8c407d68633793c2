// Puts the lines of other files in the place of `include` lines. Knows no file system: it is given
// one.
import { include } from './commands/directives.ts';
import { LineError } from './lineError.ts';
import type { BadLine, Origin, ScriptLine, TextLine } from './lines.ts';
import { quote } from './printable.ts';
import { WordReader } from './words.ts';

/** How deep files may include files, and how often in one script. */
const DEPTH = 16;
const INCLUDES = 1_000;

const INCLUDE = /^[ \t]*include(?:[ \t]|$)/;

/** Files as the command line knows them. */
export interface ScriptFiles {
  /** The path of a file that a line of the file `from` names. */
  resolve(name: string, from: string): string;
  /** Equal for two paths of one file. */
  identify(path: string): string;
  /** Why the file cannot be read; undefined if it can. */
  whyUnreadable(path: string): string | undefined;
  /** The lines of the file, in batches. */
  read(path: string): AsyncIterable<readonly ScriptLine[]>;
}

/** A file that is being read. */
interface OpenFile {
  readonly path: string;
  /** The place of the `include` that named it; undefined for the script itself. */
  readonly includedAt: string | undefined;
}

/** The lines of the script at `path`. An `include` that is refused is the last one. */
export async function* readWithIncludes(
  path: string,
  batches: AsyncIterable<readonly ScriptLine[]>,
  files: ScriptFiles,
): AsyncGenerator<ScriptLine[]> {
  yield* new Includer(files).read(batches, [{ path, includedAt: undefined }], (line) => line);
}

class Includer {
  readonly #files: ScriptFiles;
  #count = 0;
  #isOver = false;

  constructor(files: ScriptFiles) {
    this.#files = files;
  }

  /** `open` are the files from the script to the one that is read; `place` puts its lines there. */
  async *read(
    batches: AsyncIterable<readonly ScriptLine[]>,
    open: readonly OpenFile[],
    place: (line: ScriptLine) => ScriptLine,
  ): AsyncGenerator<ScriptLine[]> {
    for await (const batch of batches) {
      let ready: ScriptLine[] = [];
      for (const line of batch) {
        if ('problem' in line || !INCLUDE.test(line.text)) {
          ready.push(place(line));
          continue;
        }
        const found = this.#find(line, open);
        ready.push({ ...place(line), ...(found instanceof LineError ? toBad(found, line) : DONE) });
        yield ready;
        ready = [];
        if (found instanceof LineError) this.#isOver = true;
        else yield* this.#readFile(found, line, open, place(line).number);
        if (this.#isOver) return;
      }
      if (ready.length > 0) yield ready;
      if (ready.some((line) => 'problem' in line && line.isFatal)) this.#isOver = true;
      if (this.#isOver) return;
    }
  }

  async *#readFile(
    path: string,
    at: TextLine,
    open: readonly OpenFile[],
    number: number,
  ): AsyncGenerator<ScriptLine[]> {
    const inner = [...open, { path, includedAt: nameOf(at, open) }];
    const includedAt = placesOf(inner).reverse();
    const place = (line: ScriptLine): ScriptLine => {
      const origin: Origin = { file: path, number: line.number, includedAt };
      return { ...line, number, origin };
    };
    yield* this.read(this.#files.read(path), inner, place);
  }

  /** The path of the file to read now, or why it cannot be. */
  #find(line: TextLine, open: readonly OpenFile[]): string | LineError {
    try {
      const words = new WordReader(line.text);
      words.next();
      const path = this.#files.resolve(include.read(words), open.at(-1)?.path ?? '');
      this.#assertAllowed(path, line, open);
      return path;
    } catch (error) {
      if (error instanceof LineError) return error;
      throw error;
    }
  }

  #assertAllowed(path: string, line: TextLine, open: readonly OpenFile[]): void {
    this.#count += 1;
    if (open.length > DEPTH) throw new LineError('E_LIMIT', `${DEPTH} files deep is the most`);
    if (this.#count > INCLUDES) throw new LineError('E_LIMIT', `${INCLUDES} includes are the most`);
    const why = this.#files.whyUnreadable(path);
    if (why !== undefined) throw new LineError('E_INCLUDE', why);
    const identity = this.#files.identify(path);
    if (!open.some((file) => this.#files.identify(file.path) === identity)) return;
    const way = [...placesOf(open), nameOf(line, open)].join(', ');
    throw new LineError('E_INCLUDE', `${quote(path)} would include itself: ${way}`);
  }
}

const DONE = { isIncluded: true } as const;

function toBad({ code, message }: LineError, { text }: TextLine): Partial<BadLine> {
  const why = `${message}; the script ends here`;
  return { problem: code, why, isFatal: true, legible: text };
}

/** `setup.txt:3`, of a line of the innermost file. */
function nameOf({ number }: TextLine, open: readonly OpenFile[]): string {
  return `${open.at(-1)?.path}:${number}`;
}

/** The places of the includes, from the script inwards. */
function placesOf(open: readonly OpenFile[]): string[] {
  return open.flatMap(({ includedAt }) => includedAt ?? []);
}
