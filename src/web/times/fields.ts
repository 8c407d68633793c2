// The fields of a form. Options, their defaults and their words come from the protocol.
import { whyNoEffect } from '../../kernel/optionEffect.ts';
import { completeOptions, type Options, type Protocol } from '../../kernel/protocol.ts';
import { PROTOCOLS } from '../../protocols/registry.ts';
import { type Field, type Form, textOf, USUAL } from './form.ts';

export const MOST_SERVERS = 32;
export const MOST_BITS = 20;

/** The options that a form shows at once, in this order; the others are for those who look. */
const MAIN = [
  ...['partitioner', 'keys', 'q', 'owners', 'n', 'read', 'write', 'quorum', 'vnodes', 'timeout'],
  ...['gossip', 'reads', 'groups', 'sync'],
];

const LABELS: Readonly<Record<string, string>> = {
  n: 'N, replicas of a key',
  read: 'R, replicas of a read',
  write: 'W, replicas of a write',
  q: 'Q, keys of a token',
  owners: 'Owners of the tokens',
  vnodes: 'Tokens of a server',
  timeout: 'Time-out',
  sync: 'L, synchronous secondaries (sync)',
  groups: 'Replica groups',
};

export const DELAYS = ['constant', 'uniform', 'normal', 'usual'] as const;

const DELAY_FIELDS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  constant: [['constantMs', 'Delay in ms']],
  uniform: [
    ['leastMs', 'Least in ms'],
    ['mostMs', 'Most in ms'],
  ],
  normal: [
    ['meanMs', 'Mean in ms'],
    ['deviationMs', 'Standard deviation in ms'],
  ],
};

export function protocolOf({ protocol }: Pick<Form, 'protocol'>): Protocol {
  const found = PROTOCOLS.find(({ name }) => name === protocol);
  if (found === undefined) throw new Error(`no protocol ${protocol}`);
  return found;
}

/** The texts of the protocol's options, complete. Fields that are no option are not among them. */
export function optionTextsOf(form: Form): Options {
  const protocol = protocolOf(form);
  const own = { ...USUAL[form.protocol], ...form.texts };
  const names = Object.keys(protocol.options);
  const given = names.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]));
  const bits = isBits(protocol, 'keys') ? { keys: String(2 ** Number(textOf(form, 'bits'))) } : {};
  return completeOptions(protocol, { ...Object.fromEntries(given), ...bits });
}

/** With tokens of Q keys, the number of keys is a power of two. */
export function isBits(protocol: Protocol, option: string): boolean {
  return option === 'keys' && Object.hasOwn(protocol.options, 'q');
}

/** Without the options that have no effect. */
export function listFields(form: Form): Field[] {
  const general: Field[] = [
    field(form, 'servers', 'Servers', `1 to ${MOST_SERVERS}.`, 'main', true),
    ...listOptionFields(form),
    {
      ...field(form, 'delay', 'Delay of messages', 'Of all messages between two nodes.', 'links'),
      choices: DELAYS,
    },
    ...(DELAY_FIELDS[textOf(form, 'delay')] ?? []).map(([id, label]) =>
      field(form, id, label, 'Whole milliseconds.', 'links', true),
    ),
    field(form, 'loss', 'Loss', 'The share of messages that are lost, 0 to 1.', 'links', true),
    field(form, 'seed', 'Seed', 'The same seed gives the same run.', 'more', true),
  ];
  return [field(form, 'name', 'Name', 'Labels the curves.', 'main'), ...general];
}

function listOptionFields(form: Form): Field[] {
  const protocol = protocolOf(form);
  const options = optionTextsOf(form);
  const names = Object.keys(protocol.options).sort((a, b) => MAIN.indexOf(a) - MAIN.indexOf(b));
  return names.flatMap((name): Field[] => {
    const spec = protocol.options[name];
    if (spec === undefined) return [];
    if (whyNoEffect(protocol, options, name) !== undefined) return [];
    const part = MAIN.includes(name) ? 'main' : 'more';
    if (isBits(protocol, name)) {
      const about = `1 to ${MOST_BITS}; the keys are the numbers from 0 on.`;
      return [field(form, 'bits', 'Bits of the key space', about, part, true)];
    }
    const { choices, about } = spec;
    return [
      {
        ...{ id: name, label: LABELS[name] ?? titleOf(name), about, part },
        ...{ text: options[name] ?? '', ...(choices && { choices }) },
        ...(name === 'owners' && { whenEmpty: 'dealt at random' }),
      },
    ];
  });
}

function field(
  form: Form,
  id: string,
  label: string,
  about: string,
  part: Field['part'],
  isNumber = false,
): Field {
  return { id, label, about, part, text: textOf(form, id), ...(isNumber && { isNumber }) };
}

/** `suspectOnError` becomes `Suspect on error`. */
function titleOf(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
