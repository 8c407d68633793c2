// The answer to one request in words, field by field.
import type { Answer } from '../../kernel/control.ts';
import { type ContextTuples, showValue, type VersionTuple } from '../../kernel/history.ts';
import type { Done } from './requests.ts';

export interface Told {
  readonly name: string;
  readonly text: string;
}

/** All that the client was told; a field without a content is left out. */
export function tellAnswer({ operation, ms, answer, isStale }: Done): Told[] {
  const { outcome, server, version, context, siblings, error } = answer;
  const told: (Told | undefined)[] = [
    { name: 'Outcome', text: tellOutcome(answer) },
    operation === 'get' && outcome === 'ok'
      ? { name: 'Value', text: tellValues(answer) }
      : undefined,
    server === null ? undefined : { name: 'Server', text: String(server) },
    version === null ? undefined : { name: 'Version', text: tellVersion(version) },
    siblings && { name: 'Versions', text: tellAll(siblings) },
    context && { name: 'Context', text: tellContext(context) },
    error === undefined ? undefined : { name: 'Error', text: error },
    { name: 'Duration', text: `${ms.toFixed(3)} ms` },
    isStale ? { name: 'Stale', text: 'an acknowledged put was missed' } : undefined,
  ];
  return told.filter((one) => one !== undefined);
}

const OUTCOMES: Readonly<Record<Answer['outcome'], string>> = {
  ok: 'answered',
  absent: 'answered: the key has no value',
  stale: 'refused: the server lacks what the session depends on',
  fail: 'failed: certainly not done',
  unknown: 'no answer: it may have been done',
};

function tellOutcome({ outcome }: Answer): string {
  return OUTCOMES[outcome];
}

function tellValues({ value, siblings }: Answer): string {
  if (siblings === undefined) return showValue(value);
  return siblings.map((one) => showValue(one.value)).join(', ');
}

/** `time 4 at server 2`: the identity of a write. */
function tellVersion([timestamp, server, incarnation]: VersionTuple): string {
  return `time ${timestamp}, server ${server}, life ${incarnation}`;
}

function tellAll(siblings: NonNullable<Answer['siblings']>): string {
  return siblings
    .map(({ version }) => (version === null ? 'none' : tellVersion(version)))
    .join('; ');
}

function tellContext(context: ContextTuples): string {
  const spans = context.map(
    ([server, life, after, upTo]) =>
      `server ${server}, life ${life}: times ${after + 1} to ${upTo}`,
  );
  return spans.length === 0 ? 'empty' : spans.join('; ');
}
