// All commands of the language, by name: those of every protocol, and those that one protocol adds.
import type { Design } from '../kernel/design.ts';
import type { Command, ParsedLine } from './command.ts';
import { CLUSTER_COMMANDS } from './commands/cluster.ts';
import { DIRECTIVES } from './commands/directives.ts';
import { EXPECTATION_COMMANDS } from './commands/expectations.ts';
import { LINK_COMMANDS } from './commands/links.ts';
import { LOOK_COMMANDS } from './commands/looks.ts';
import { NODE_COMMANDS } from './commands/nodes.ts';
import { operationCommands } from './commands/operations.ts';
import { fromProtocol } from './commands/protocol.ts';
import { LineError } from './lineError.ts';
import { nearestName } from './nearest.ts';
import { findOdd, quote } from './printable.ts';
import { WordReader } from './words.ts';

/** The commands of every protocol, in the order of the reference page. */
export const COMMAND_SECTIONS: readonly { title: string; commands: readonly Command[] }[] = [
  { title: 'Nodes', commands: NODE_COMMANDS },
  { title: 'Links', commands: LINK_COMMANDS },
  { title: 'Operations', commands: operationCommands([]) },
  { title: 'The cluster', commands: CLUSTER_COMMANDS },
  { title: 'A closer look', commands: LOOK_COMMANDS },
  { title: 'Expected answers', commands: EXPECTATION_COMMANDS },
  { title: 'Repetition, names and files', commands: DIRECTIVES },
];

/** A character that is not seen can be anywhere in a line, but matters among its first words. */
const SEARCHED_CHARACTERS = 1_000;
const HOW_TO_LIST = '--language lists them, and help at the console';

export class CommandTable {
  readonly #common: ReadonlyMap<string, Command>;
  /** By protocol: the common commands that it lacks, and why. */
  readonly #lacksByProtocol: ReadonlyMap<string, Design['lacks']>;
  readonly #ownByProtocol: ReadonlyMap<string, ReadonlyMap<string, Command>>;

  constructor(protocols: readonly Design[]) {
    this.#common = byName(COMMAND_SECTIONS.flatMap(({ commands }) => commands));
    this.#lacksByProtocol = new Map(protocols.map(({ name, lacks }) => [name, lacks]));
    this.#ownByProtocol = new Map(
      protocols.map(({ name, commands, modifiers }) => [
        name,
        byName([
          ...commands.map(fromProtocol),
          ...(modifiers === undefined ? [] : operationCommands(modifiers)),
        ]),
      ]),
    );
  }

  /** The commands that a script for this protocol may use. */
  all(protocol: string): Command[] {
    const own = this.#ownByProtocol.get(protocol) ?? new Map<string, Command>();
    return [...new Map([...this.#common, ...own]).values()].filter(
      ({ name }) => this.#whyLacking(name, protocol) === undefined,
    );
  }

  /**
   * Throws a LineError that says where the command may be used, which name is close, or how to list
   * all.
   */
  find(name: string, protocol: string): Command {
    const lacking = this.#whyLacking(name, protocol);
    if (lacking !== undefined) {
      throw new LineError('E_UNSUPPORTED', `protocol ${protocol} has no ${name}: ${lacking}`);
    }
    const command = this.#get(name, protocol);
    if (command !== undefined) return command;
    const others = [...this.#ownByProtocol].flatMap(([other, own]) => (own.has(name) ? other : []));
    if (others.length > 0) {
      const of = `protocol${others.length > 1 ? 's' : ''} ${listNames(others)}`;
      const why = `${name} is a command of ${of}, this run has ${protocol}`;
      throw new LineError('E_UNSUPPORTED', why);
    }
    const nearest = this.#nearest(name, protocol);
    const advice = nearest === undefined ? HOW_TO_LIST : `the nearest is ${nearest}`;
    throw new LineError('E_UNKNOWN_COMMAND', `${quote(name)} is no command; ${advice}`);
  }

  /** Undefined for a blank line or a comment. Throws a LineError. */
  parse(text: string, protocol: string): ParsedLine | undefined {
    const words = new WordReader(text);
    const name = nameIn(words);
    if (name === undefined) return undefined;
    try {
      const command = this.find(name, protocol);
      return { command, action: command.bind(words, (inner) => this.parse(inner, protocol)) };
    } catch (error) {
      throw error instanceof LineError ? namingOdd(text, error) : error;
    }
  }

  /** The command of a line, or the one that it most likely meant; undefined if none is close. */
  meant(text: string, protocol: string): Command | undefined {
    const name = nameIn(new WordReader(text));
    if (name === undefined) return undefined;
    const nearest = this.#get(name, protocol) ? name : this.#nearest(name, protocol);
    return nearest === undefined ? undefined : this.#get(nearest, protocol);
  }

  #whyLacking(name: string, protocol: string): string | undefined {
    const lacks = this.#lacksByProtocol.get(protocol) ?? {};
    return Object.hasOwn(lacks, name) ? lacks[name] : undefined;
  }

  #get(name: string, protocol: string): Command | undefined {
    return this.#ownByProtocol.get(protocol)?.get(name) ?? this.#common.get(name);
  }

  #nearest(name: string, protocol: string): string | undefined {
    return nearestName(
      name,
      this.all(protocol).map((known) => known.name),
    );
  }
}

/** `a`, `a and b`, `a, b and c`. */
function listNames(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

/** The first word; undefined for a blank line or a comment. */
function nameIn(words: WordReader): string | undefined {
  const name = words.next();
  return name?.startsWith('#') ? undefined : name;
}

/**
 * The refusal of a line, which also names a character that a reader of the line takes for a blank
 * or does not see: that may be the reason.
 */
function namingOdd(text: string, { code, message }: LineError): LineError {
  const odd = findOdd(text.slice(0, SEARCHED_CHARACTERS));
  const isNamed = odd === undefined || message.includes(odd.shown);
  const hint = isNamed ? '' : `; ${odd.shown} in this line is ${odd.name}, and separates no words`;
  return new LineError(code, `${message}${hint}`);
}

function byName(commands: readonly Command[]): ReadonlyMap<string, Command> {
  return new Map(commands.map((command) => [command.name, command]));
}
