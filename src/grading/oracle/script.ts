// Reads a script of the course's assignment: its nine commands, and nothing else. Says of each line
// which servers it may concern, so that the oracle needs no topology of its own.
import type { NodeId } from '../../kernel/ids.ts';
import { clientId, freshId, key as keyWord, nodeId, serverId } from '../../language/arguments.ts';
import type { Argument } from '../../language/command.ts';
import { LineError } from '../../language/lineError.ts';
import { quote } from '../../language/printable.ts';
import { Topology } from '../../language/topology.ts';
import { splitScript } from '../../language/transcript.ts';
import { WordReader } from '../../language/words.ts';
import { Certainty } from './certainty.ts';
import type { AssignmentScript, Parts, Step } from './steps.ts';

/** A line that is no line of the assignment. */
export class ScriptError extends Error {
  readonly line: number;

  constructor(line: number, why: string) {
    super(why);
    this.line = line;
  }
}

/** Throws a ScriptError. Blank lines and comments are skipped. */
export function readAssignment(text: string): AssignmentScript {
  const lines = splitScript(text.replace(/^\ufeff/, ''));
  const reader = new Reader();
  for (const [index, line] of lines.entries()) reader.take(line, index + 1);
  return { lines, steps: reader.steps };
}

/** Whether a line is a command: neither blank nor a comment. */
export function isCommand(line: string): boolean {
  return /^[ \t]*[^ \t#]/.test(line);
}

/** The errors that a get prints in place of a value. */
export const NO_KEY = 'ERR_KEY';
export const BEHIND = 'ERR_DEP';

class Reader {
  readonly steps: Step[] = [];
  readonly #topology = new Topology();
  readonly #certainty = new Certainty();

  take(text: string, line: number): void {
    if (!isCommand(text)) return;
    const words = new WordReader(text);
    const name = words.next() ?? '';
    try {
      const read = READERS.get(name);
      if (read === undefined) {
        const known = [...READERS.keys()].join(', ');
        throw new LineError('E_UNKNOWN_COMMAND', `${quote(name)} is none of ${known}`);
      }
      read(this, words, line);
      if (!words.isAtEnd) throw new LineError('E_ARGS', 'too many words');
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      throw new ScriptError(line, error.message);
    }
  }

  joinServer(line: number, server: NodeId): void {
    this.#topology.assertFree(server, 'server');
    const others = this.#topology.ids('server');
    this.#topology.begin(server, 'server');
    for (const other of others) this.#topology.connect(server, other);
    this.#certainty.begin(server);
    this.steps.push({ kind: 'join', line, server });
    this.#tellParts(line);
  }

  killServer(line: number, server: NodeId): void {
    this.#topology.serverNotClient(server);
    this.#topology.end(server);
    this.#certainty.end(server);
    this.steps.push({ kind: 'end', line, server });
    this.#tellParts(line);
  }

  joinClient(client: NodeId, server: NodeId): void {
    this.#topology.server(server);
    if (this.#topology.find(client)?.role !== 'client') {
      this.#topology.assertFree(client, 'client');
      this.#topology.begin(client, 'client');
    }
    this.#topology.connect(client, server);
  }

  setLink(line: number, a: NodeId, b: NodeId, isThere: boolean): void {
    this.#topology.pair(a, b);
    if (isThere) this.#topology.connect(a, b);
    else this.#topology.cut(a, b);
    this.#tellParts(line);
  }

  put(line: number, client: NodeId, key: string, value: string): void {
    const servers = this.#serversOf(client);
    this.#certainty.put(client, key, value, servers);
    this.steps.push({ kind: 'put', line, client, key, value, servers });
  }

  get(line: number, client: NodeId, key: string): void {
    const servers = this.#serversOf(client);
    const mayLackOther = this.#certainty.mayLackOther(client, key, servers);
    this.steps.push({ kind: 'get', line, client, key, servers, mayLackOther });
    this.#certainty.get(client, key, servers);
  }

  printStore(line: number, server: NodeId): void {
    this.#topology.serverNotClient(server);
    this.steps.push({ kind: 'show', line, server, ...this.#certainty.contentOf(server) });
  }

  stabilize(line: number): void {
    const parts = this.#parts();
    this.#certainty.stabilize(parts);
    this.steps.push({ kind: 'stabilize', line, parts });
  }

  #serversOf(client: NodeId): NodeId[] {
    this.#topology.client(client);
    return this.#topology.serversOf(client);
  }

  #parts(): Parts {
    return this.#topology.components(this.#topology.ids('server'));
  }

  #tellParts(line: number): void {
    const parts = this.#parts();
    this.#certainty.connect(parts);
    this.steps.push({ kind: 'parts', line, parts });
  }
}

type ReadLine = (reader: Reader, words: WordReader, line: number) => void;

/** The rest of the line; an error's name would not differ from the error. */
const value: Argument<string> = {
  shown: 'value',
  read: (words) => {
    const text = words.rest();
    if (text === '') throw new LineError('E_ARGS', 'the value is missing');
    if (text === NO_KEY || text === BEHIND) {
      throw new LineError('E_ARGS', `the value ${text} looks like the error of that name`);
    }
    return text;
  },
};

/** The order of evaluation is that of the words. */
const READERS: ReadonlyMap<string, ReadLine> = new Map<string, ReadLine>([
  ['joinServer', (reader, words, line) => reader.joinServer(line, freshId('id').read(words))],
  ['killServer', (reader, words, line) => reader.killServer(line, serverId('id').read(words))],
  [
    'joinClient',
    (reader, words) =>
      reader.joinClient(clientId('client').read(words), serverId('server').read(words)),
  ],
  ['breakConnection', (reader, words, line) => readLink(reader, words, line, false)],
  ['createConnection', (reader, words, line) => readLink(reader, words, line, true)],
  ['stabilize', (reader, _words, line) => reader.stabilize(line)],
  ['printStore', (reader, words, line) => reader.printStore(line, serverId('id').read(words))],
  [
    'put',
    (reader, words, line) => {
      const client = clientId('client').read(words);
      reader.put(line, client, keyWord.read(words), value.read(words));
    },
  ],
  [
    'get',
    (reader, words, line) => reader.get(line, clientId('client').read(words), keyWord.read(words)),
  ],
]);

function readLink(reader: Reader, words: WordReader, line: number, isThere: boolean): void {
  reader.setLink(line, nodeId('id1').read(words), nodeId('id2').read(words), isThere);
}
