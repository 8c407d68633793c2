// The worker of a page: runs scripts in simulation, away from the page's own thread.
import { createScriptLanguage } from '../../fuzz/scriptSession.ts';
import { InOrder } from '../../language/inOrder.ts';
import { PROTOCOLS } from '../../protocols/registry.ts';
import { TABLE } from '../../runner/play.ts';
import { createTurns } from '../../runner/turns.ts';
import { completeAt } from '../script/completeAt.ts';
import { createVocabulary } from '../script/vocabulary.ts';
import { TimesDesk } from '../times/desk.ts';
import type { RunSource } from '../view.ts';
import { answerSeeds } from './answerSeeds.ts';
import { Looker } from './lookAt.ts';
import type { Answer, Request } from './messages.ts';
import { runScript } from './runScript.ts';

/** The part of a worker's global scope that is used here. */
interface Scope {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as Scope;
const nextTurn = createTurns();
/** Only one world may run at a time. */
const worlds = new InOrder();
const looker = new Looker((task) => worlds.do('world', task), nextTurn);
const language = createScriptLanguage(PROTOCOLS, nextTurn);
const times = new TimesDesk((task) => worlds.do('world', task), nextTurn);
let runs = 0;

function tell(said: Answer): void {
  scope.postMessage(said);
}

/** Undefined for a request that a later one has made void. */
async function answer(request: Request): Promise<Answer | undefined> {
  const { kind, id } = request;
  switch (kind) {
    case 'run':
      return answerRun(id, request.source);
    case 'look':
      return { kind, id, look: (await looker.at(request.source, request.cursor)) ?? null };
    case 'seeds':
    case 'shrink':
      return worlds.do('world', () => answerSeeds(request, language, (said) => tell(said)));
    case 'times':
      return { kind, id, result: await times.do(request.order) };
    case 'words':
      return { kind, id, vocabulary: createVocabulary(TABLE, PROTOCOLS) };
    case 'complete':
      return { kind, id, suggestions: completeAt(request, TABLE, PROTOCOLS) };
  }
}

function answerRun(id: number, source: RunSource): Promise<Answer | undefined> {
  looker.giveUp();
  runs += 1;
  const number = runs;
  return worlds.do('world', async () => {
    if (number !== runs) return undefined;
    return { kind: 'run', id, view: await runScript(source, nextTurn) };
  });
}

scope.onmessage = ({ data }) => {
  answer(data).then(
    (said) => said && tell(said),
    (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      tell({ kind: 'failed', id: data.id, why });
    },
  );
};
