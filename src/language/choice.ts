// Chooses a protocol and its options from a user's words, in a script or on the command line.
import { completeOptions, type Design, type Options } from '../kernel/design.ts';
import { whyNoEffect } from '../kernel/optionEffect.ts';
import { isProtocol, type Protocol } from '../kernel/protocol.ts';
import { STORAGE } from '../kernel/storageOption.ts';
import { LineError } from './lineError.ts';
import { adviseNearest } from './nearest.ts';
import { quote } from './printable.ts';

/** Throws a LineError that lists the choices. */
export function chooseProtocol<D extends Design>(protocols: readonly D[], name: string): D {
  const chosen = protocols.find((protocol) => protocol.name === name);
  if (chosen !== undefined) return chosen;
  const names = protocols.map((protocol) => protocol.name);
  const advice = adviseNearest(name, names);
  throw new LineError(
    'E_ARGS',
    `${quote(name)} is no protocol; there is ${names.join(', ')}${advice}`,
  );
}

/**
 * As `chooseProtocol`, for what needs the code of the protocol: a simulation, or a measurement of a
 * design of ours.
 */
export function chooseOurs(protocols: readonly Design[], name: string): Protocol {
  const chosen = chooseProtocol(protocols, name);
  if (isProtocol(chosen)) return chosen;
  throw new LineError('E_ARGS', tellReal(chosen));
}

/** Why a store of others is not simulated. */
export function tellReal({ name }: Design): string {
  return `protocol ${name} runs programs of others, which no simulation can run`;
}

/** As `readOptions`. Throws a LineError also for options that contradict each other. */
export function chooseOptions(protocol: Design, given: ReadonlyMap<string, string>): Options {
  const options = readOptions(protocol, given);
  assertFit(protocol, options);
  return options;
}

/** Throws a LineError if these options contradict each other, or one is missing. */
export function assertFit(protocol: Design, options: Options): void {
  const contradiction = protocol.refuseOptions?.(options);
  if (contradiction !== undefined) throw new LineError('E_ARGS', contradiction);
}

/**
 * All options of the protocol, with defaults for those not given. Throws a LineError for an unknown
 * one, a text that is no value of it, and one that would have no effect.
 */
export function readOptions(protocol: Design, given: ReadonlyMap<string, string>): Options {
  for (const [name, text] of given) {
    if (name === STORAGE && !Object.hasOwn(protocol.options, STORAGE)) {
      throw new LineError('E_UNSUPPORTED', `protocol ${protocol.name} keeps no log`);
    }
    if (!Object.hasOwn(protocol.options, name)) {
      const names = Object.keys(protocol.options).join(', ') || 'none';
      const why = `protocol ${protocol.name} has no option ${quote(name)}; it has ${names}`;
      throw new LineError('E_ARGS', why);
    }
    const refusal = protocol.options[name]?.refuse(text);
    if (refusal === undefined) continue;
    throw new LineError('E_ARGS', `${quote(text)} is no value of ${name}: ${refusal}`);
  }
  const options = completeOptions(protocol, Object.fromEntries(given));
  for (const [name, text] of given) {
    const why = whyNoEffect(protocol, options, name);
    if (why === undefined || text === protocol.options[name]?.fallback) continue;
    throw new LineError('E_ARGS', `${name}=${text} has no effect ${why}`);
  }
  return options;
}

/** The protocol and options that the command line chose; a script may choose others. */
export interface RunChoice {
  readonly protocol: Design;
  /** Complete. */
  readonly options: Options;
  /** Whether servers keep logs unless the script chooses otherwise. */
  readonly isLogged?: boolean;
  /** Why this world cannot run a protocol, in a sentence; undefined if it can. */
  readonly whyNot?: (protocol: Design) => string | undefined;
}

/**
 * As `chooseOptions`, for a run. The options of the command line hold for the same protocol, and
 * its choice of logs holds for any protocol, unless the script chooses otherwise.
 */
export function chooseRunOptions(
  protocol: Design,
  given: ReadonlyMap<string, string>,
  { protocol: usual, options: said, isLogged = false, whyNot }: RunChoice,
): Options {
  const why = whyNot?.(protocol);
  if (why !== undefined) throw new LineError('E_UNSUPPORTED', why);
  const standing = protocol.name === usual.name ? Object.entries(said) : [];
  const logged: [string, string][] = isLogged ? [[STORAGE, 'log']] : [];
  return chooseOptions(protocol, new Map([...standing, ...logged, ...given]));
}
