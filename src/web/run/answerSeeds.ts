// A worker's answers about seeds.
import type { ScriptLanguage } from '../../fuzz/session.ts';
import type { Answer, Request } from './messages.ts';
import { shrinkSeed, trySeeds } from './seeds.ts';

/** A trial takes some milliseconds: a page need not hear of each. */
const TRIALS_UNTOLD = 10;

/** `tell` is called with what is known on the way. */
export async function answerSeeds(
  request: Extract<Request, { readonly kind: 'seeds' | 'shrink' }>,
  language: ScriptLanguage,
  tell: (answer: Answer) => void,
): Promise<Answer> {
  const { kind, id, plan } = request;
  if (kind === 'seeds') return { kind, id, batch: await trySeeds(language, plan, request) };
  let trials = 0;
  const shrunk = await shrinkSeed(language, plan, request.seed, (best) => {
    trials += 1;
    if (trials % TRIALS_UNTOLD === 1) tell({ kind: 'shrinking', id, shrunk: best() });
  });
  return { kind, id, shrunk: shrunk ?? null };
}
