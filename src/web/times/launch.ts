// A configuration that can run: what the texts of a form mean, and why they do not fit together.
import { dealOwners } from '../../evaluate/dealing.ts';
import { whyNoEffect } from '../../kernel/optionEffect.ts';
import { claimsOf, completeOptions, type Options } from '../../kernel/protocol.ts';
import { createRandomStream } from '../../kernel/random.ts';
import { chooseOptions } from '../../language/choice.ts';
import { LineError } from '../../language/lineError.ts';
import { linkChange } from '../../language/linkChange.ts';
import { WordReader } from '../../language/words.ts';
import {
  isBits,
  listFields,
  MOST_BITS,
  MOST_SERVERS,
  optionTextsOf,
  protocolOf,
} from './fields.ts';
import { type Form, textOf } from './form.ts';

/** All that a cluster of this configuration is started from. */
export interface Launch {
  readonly name: string;
  readonly protocol: string;
  readonly servers: number;
  /** The options that are not as the protocol has them, as a script names them. */
  readonly settings: readonly (readonly [name: string, text: string])[];
  /** As the command `link all` takes it: `delay=10ms`; empty for links as they are. */
  readonly link: string;
  readonly seed: number;
}

export interface Problem {
  /** The id of the field. */
  readonly field: string;
  readonly text: string;
}

export type Reading =
  | { readonly launch: Launch; readonly problems: readonly [] }
  | { readonly launch?: undefined; readonly problems: readonly Problem[] };

const WHOLE = /^(?:0|[1-9][0-9]{0,8})$/;
/** Nothing in a script is as long. */
const NAME_LENGTH = 60;
const MOST_DEALT = 2_048;

export function readForm(form: Form): Reading {
  const numbers = listNumberProblems(form);
  // Options are compared with the numbers.
  const unfit = numbers.length === 0 ? listOptionProblems(form) : [];
  const problems = [...numbers, ...unfit, ...listLinkProblems(form)];
  if (problems.length > 0) return { problems };
  const protocol = protocolOf(form);
  const options = dealtOptions(form);
  const settings = Object.entries(options).filter(
    ([name, text]) =>
      text !== protocol.options[name]?.fallback &&
      whyNoEffect(protocol, options, name) === undefined,
  );
  const text = refusalOf(() => chooseOptions(protocol, new Map(settings)));
  if (text !== undefined) return { problems: [{ field: fieldNamedIn(form, text), text }] };
  const launch: Launch = {
    name: textOf(form, 'name').trim().slice(0, NAME_LENGTH) || form.protocol,
    protocol: form.protocol,
    servers: Number(textOf(form, 'servers')),
    settings,
    link: linkWordsOf(form),
    seed: Number(textOf(form, 'seed')),
  };
  return { launch, problems: [] };
}

/** `read-your-writes and convergence`: what every run with these options keeps. */
export function tellClaims(launch: Launch): string {
  const protocol = protocolOf(launch);
  const options = completeOptions(protocol, Object.fromEntries(launch.settings));
  const claims = claimsOf(protocol, options);
  return claims.length === 0 ? 'nothing' : claims.join(' and ');
}

/** The options of the form, with an owner for each token. */
function dealtOptions(form: Form): Options {
  const options = optionTextsOf(form);
  if (options.owners !== '') return options;
  // More tokens than this are refused, and so is what is no whole number of them.
  const tokens = Math.floor(Number(options.keys) / Number(options.q));
  const dealt = Math.max(1, Math.min(MOST_DEALT, tokens));
  const random = createRandomStream(Number(textOf(form, 'seed')), 'owners');
  const owners = dealOwners(random, dealt, Number(textOf(form, 'servers')));
  return { ...options, owners: owners.join(',') };
}

function listNumberProblems(form: Form): Problem[] {
  const shown = new Set(listFields(form).map(({ id }) => id));
  const bounds: readonly [id: string, least: number, most: number][] = [
    ['servers', 1, MOST_SERVERS],
    ['bits', 1, MOST_BITS],
    ['seed', 0, 999_999_999],
  ];
  return bounds.flatMap(([field, least, most]) => {
    const text = textOf(form, field);
    const isIn = WHOLE.test(text) && Number(text) >= least && Number(text) <= most;
    const isFine = isIn || !shown.has(field);
    return isFine ? [] : [{ field, text: `a whole number from ${least} to ${most}` }];
  });
}

function listLinkProblems(form: Form): Problem[] {
  const kind = textOf(form, 'delay');
  const read = (words: string): string | undefined =>
    refusalOf(() => linkChange.read(new WordReader(`all ${words}`)));
  const problems: Problem[] = [];
  const delay = delayWordOf(form);
  const refusal = delay === '' ? undefined : read(`delay=${delay}`);
  const first = { constant: 'constantMs', uniform: 'leastMs', normal: 'meanMs' }[kind];
  if (refusal !== undefined) problems.push({ field: first ?? 'delay', text: refusal });
  const loss = read(`loss=${textOf(form, 'loss')}`);
  if (loss !== undefined) problems.push({ field: 'loss', text: loss });
  return problems;
}

/** Each option on its own, then the options among each other, then against the servers. */
function listOptionProblems(form: Form): Problem[] {
  const protocol = protocolOf(form);
  const options = optionTextsOf(form);
  const single = Object.entries(options).flatMap(([name, text]): Problem[] => {
    const isFree = isBits(protocol, name) || (name === 'owners' && text === '');
    if (isFree || whyNoEffect(protocol, options, name) !== undefined) return [];
    const refusal = protocol.options[name]?.refuse(text);
    return refusal === undefined ? [] : [{ field: name, text: refusal }];
  });
  if (single.length > 0) return single;
  return listServerProblems(Number(textOf(form, 'servers')), options, (name) => {
    const isOption = Object.hasOwn(protocol.options, name);
    return isOption && whyNoEffect(protocol, options, name) === undefined;
  });
}

/** Which numbers are more than so many servers can give. */
function listServerProblems(
  servers: number,
  options: Options,
  has: (name: string) => boolean,
): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, text: string): number => problems.push({ field, text });
  const n = has('n') ? Number(options.n) : 0;
  if (n > servers) add('n', `N = ${n} replicas are more than ${servers} servers`);
  if (has('owners') && n <= servers) {
    const named = options.owners === '' ? [] : (options.owners ?? '').split(',').map(Number);
    const unknown = named.find((id) => id >= servers);
    const tokens = Number(options.keys) / Number(options.q);
    const owners = named.length > 0 ? new Set(named).size : Math.min(tokens, servers);
    if (unknown !== undefined) add('owners', `there is no server ${unknown}`);
    else if (Number.isInteger(tokens) && n > owners) {
      add('q', `${tokens} tokens have ${owners} owners, fewer than N = ${n}`);
    }
  }
  if (has('groups')) {
    const groups = options.groups === 'none' ? servers : Number(options.groups);
    const secondaries = Math.max(0, Math.floor(servers / groups) - 1);
    const level = Number(options.sync);
    if (groups > servers) add('groups', `${groups} groups are more than ${servers} servers`);
    else if (level > secondaries) {
      add('sync', `L = ${level}, but a group has ${secondaries} secondaries`);
    }
  }
  return problems;
}

/** The field of the first option that a sentence names, such as `read=3 is more than n=2`. */
function fieldNamedIn(form: Form, sentence: string): string {
  const ids = listFields(form).map(({ id }) => id);
  const words = sentence.match(/\w+/g) ?? [];
  return words.find((word) => ids.includes(word)) ?? ids[0] ?? '';
}

function delayWordOf(form: Form): string {
  const ms = (id: string): string => `${textOf(form, id)}ms`;
  switch (textOf(form, 'delay')) {
    case 'constant':
      return ms('constantMs');
    case 'uniform':
      return `${textOf(form, 'leastMs')}..${ms('mostMs')}`;
    case 'normal':
      return `normal(${ms('meanMs')},${ms('deviationMs')})`;
    default:
      return '';
  }
}

function linkWordsOf(form: Form): string {
  const [delay, loss] = [delayWordOf(form), textOf(form, 'loss')];
  return [
    ...(delay === '' ? [] : [`delay=${delay}`]),
    ...(Number(loss) === 0 ? [] : [`loss=${loss}`]),
  ].join(' ');
}

/** What a reader of the language says against a text; undefined if nothing. */
export function refusalOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof LineError) return error.message;
    throw error;
  }
}
