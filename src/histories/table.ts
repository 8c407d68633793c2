// The list of all formats, and format detection.
import { CAUSEWAY } from './causeway.ts';
import { spellEarlierRuns } from './earlierRuns.ts';
import { type Format, restrict } from './format.ts';
import { takeInitialValues } from './initialValues.ts';
import { JEPSEN_EDN } from './jepsenEdn.ts';
import { JEPSEN_ETCD, looksLogged } from './jepsenEtcd.ts';
import { JEPSEN_JSON } from './jepsenJson.ts';
import { PLUME } from './plume.ts';
import { PORCUPINE_KV } from './porcupineKv.ts';

const OTHERS: readonly Format[] = [JEPSEN_EDN, JEPSEN_JSON, PORCUPINE_KV, JEPSEN_ETCD, PLUME];

const ALL: readonly Format[] = [CAUSEWAY, ...OTHERS.map(restrict).map(spellEarlierRuns)];

export const FORMATS: readonly Format[] = ALL.map(takeInitialValues);

/** The maximum number of lines that `guessFormat` needs. */
export const GUESSED_LINES = 20;

/** A map of EDN, with its tag if it has one, alone or in a list or vector. */
const EVENT_MAP = /^[[(]?\s*(?:#:?[\w.-]+\s*)?\{\s*:/;

/** Detects the format from the first lines of a file; undefined if they are not enough. */
export function guessFormat(lines: readonly string[]): Format | undefined {
  const name = guess(lines)?.name;
  return FORMATS.find((format) => format.name === name);
}

function guess(lines: readonly string[]): Format | undefined {
  const text = lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith(';'))
    .join('\n');
  if (/^[rw]\(/.test(text)) return PLUME;
  if (looksLogged(text)) return JEPSEN_ETCD;
  if (/^\[?\s*\{\s*"/.test(text)) {
    if (/"invokedAt"\s*:|"kind"\s*:\s*"initial"/.test(text)) return CAUSEWAY;
    return /"process"\s*:/.test(text) ? JEPSEN_JSON : undefined;
  }
  const hasEvent = EVENT_MAP.test(text) || (text.startsWith('#_') && /:process\s/.test(text));
  if (!hasEvent || !text.includes('}')) return undefined;
  return /:key\s/.test(text) && /:f\s+:(?:get|put|append)\b/.test(text) ? PORCUPINE_KV : JEPSEN_EDN;
}
