// Chooses a protocol and its options from a user's words, in a script or on the command line.
import { whyNoEffect } from '../kernel/optionEffect.ts';
import { completeOptions, type Options, type Protocol } from '../kernel/protocol.ts';
import { STORAGE } from '../kernel/storageOption.ts';
import { LineError } from './lineError.ts';
import { quote } from './printable.ts';

/** Throws a LineError that lists the choices. */
export function chooseProtocol(protocols: readonly Protocol[], name: string): Protocol {
  const chosen = protocols.find((protocol) => protocol.name === name);
  if (chosen !== undefined) return chosen;
  const names = protocols.map((protocol) => protocol.name).join(', ');
  throw new LineError('E_ARGS', `${quote(name)} is no protocol; there is ${names}`);
}

/**
 * All options of the protocol, with defaults for those not given. Throws a LineError for an unknown
 * one, a text that is no value of it, one that would have no effect, and for options that
 * contradict each other.
 */
export function chooseOptions(protocol: Protocol, given: ReadonlyMap<string, string>): Options {
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
  const contradiction = protocol.refuseOptions?.(options);
  if (contradiction !== undefined) throw new LineError('E_ARGS', contradiction);
  return options;
}

/** The protocol and options that the command line chose; a script may choose others. */
export interface RunChoice {
  readonly protocol: Protocol;
  /** Complete. */
  readonly options: Options;
  /** Whether servers keep logs unless the script chooses otherwise. */
  readonly isLogged?: boolean;
}

/**
 * As `chooseOptions`, for a run. The options of the command line hold for the same protocol, and
 * its choice of logs holds for any protocol, unless the script chooses otherwise.
 */
export function chooseRunOptions(
  protocol: Protocol,
  given: ReadonlyMap<string, string>,
  { protocol: usual, options: said, isLogged = false }: RunChoice,
): Options {
  const standing = protocol.name === usual.name ? Object.entries(said) : [];
  const logged: [string, string][] = isLogged ? [[STORAGE, 'log']] : [];
  return chooseOptions(protocol, new Map([...standing, ...logged, ...given]));
}
