// The form of a configuration: the texts that a person has typed.
import type { Options } from '../../kernel/protocol.ts';

/** By the id of a field. A field without a text has the text of the usual form. */
export type Texts = Readonly<Record<string, string>>;

export interface Form {
  readonly protocol: string;
  readonly texts: Texts;
}

export interface Field {
  readonly id: string;
  readonly label: string;
  /** What it is for, in a sentence or two. */
  readonly about: string;
  readonly text: string;
  /** The only texts that it takes; absent for a field that takes others. */
  readonly choices?: readonly string[];
  /** What an empty text stands for; absent for a field that must have one. */
  readonly whenEmpty?: string;
  readonly part: 'main' | 'more' | 'links';
  readonly isNumber?: boolean;
}

/** What a new form has where the protocol's own default is not meant. */
export const USUAL: Readonly<Record<string, Options>> = {
  quorum: { partitioner: 'tokens', q: '2', n: '2', read: '1', write: '1', owners: '' },
  sharded: { groups: '2', sync: '0' },
};

const USUAL_TEXTS: Texts = {
  servers: '4',
  bits: '3',
  delay: 'constant',
  constantMs: '10',
  leastMs: '0',
  mostMs: '20',
  meanMs: '10',
  deviationMs: '10',
  loss: '0',
  seed: '1',
};

export function createForm(protocol: string): Form {
  return { protocol, texts: { name: protocol } };
}

export function setText(form: Form, id: string, text: string): Form {
  return { ...form, texts: { ...form.texts, [id]: text } };
}

/** The options of another protocol are its own; the rest stays, and a name that a person gave. */
export function setProtocol({ protocol: former, texts }: Form, protocol: string): Form {
  const kept = Object.entries(texts).filter(([id]) => Object.hasOwn(USUAL_TEXTS, id));
  const name = texts.name === former ? protocol : (texts.name ?? protocol);
  return { protocol, texts: { ...Object.fromEntries(kept), name } };
}

export function textOf({ protocol, texts }: Form, id: string): string {
  return texts[id] ?? USUAL_TEXTS[id] ?? USUAL[protocol]?.[id] ?? '';
}
