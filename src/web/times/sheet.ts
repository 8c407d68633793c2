// What a page shows of a form: its fields, what does not fit together, and what would run.
import { completeOptions } from '../../kernel/protocol.ts';
import { key as keyArgument, toValue } from '../../language/arguments.ts';
import { WordReader } from '../../language/words.ts';
import { PROTOCOLS } from '../../protocols/registry.ts';
import { listFields, protocolOf } from './fields.ts';
import type { Field, Form } from './form.ts';
import { type Launch, type Problem, readForm, refusalOf, tellClaims } from './launch.ts';
import { CLIENTS, type RequestTexts } from './requests.ts';

const MOST_REQUESTS = 1_000_000;

export interface Sheet {
  /** The form that it is of. */
  readonly form: Form;
  readonly protocols: readonly string[];
  readonly fields: readonly Field[];
  readonly problems: readonly Problem[];
  /** Null if there are problems. */
  readonly launch: Launch | null;
  /** What every run of it keeps; empty if there are problems. */
  readonly claims: string;
}

export function createSheet(form: Form): Sheet {
  const { launch = null, problems } = readForm(form);
  const claims = launch === null ? '' : tellClaims(launch);
  const protocols = PROTOCOLS.map(({ name }) => name);
  return { form, protocols, fields: listFields(form), problems, launch, claims };
}

/** What cannot be asked of a configuration that runs. */
export function listRequestProblems(texts: RequestTexts, launch: Launch): Problem[] {
  const problems: Problem[] = [];
  const whole = (field: 'count' | 'atOnce', most: number): void => {
    const isWhole = /^[1-9][0-9]{0,6}$/.test(texts[field]) && Number(texts[field]) <= most;
    if (!isWhole) problems.push({ field, text: `a whole number from 1 to ${most}` });
  };
  const refusal = refuseKey(texts.key, launch);
  if (refusal !== undefined) problems.push({ field: 'key', text: refusal });
  if (refusalOf(() => toValue(texts.value)) !== undefined) {
    problems.push({ field: 'value', text: 'too large' });
  }
  whole('count', MOST_REQUESTS);
  whole('atOnce', CLIENTS);
  return problems;
}

function refuseKey(key: string, launch: Launch): string | undefined {
  const words = new WordReader(key);
  const refusal = refusalOf(() => keyArgument.read(words));
  if (refusal !== undefined) return refusal;
  if (!words.isAtEnd) return 'a key is one word';
  const protocol = protocolOf(launch);
  const options = completeOptions(protocol, Object.fromEntries(launch.settings));
  return protocol.refuseKey?.(key, options);
}
