// The worker of a page: runs scripts in simulation, away from the page's own thread.
import { lookAt } from './lookAt.ts';
import type { Answer, Request } from './messages.ts';
import { runScript } from './runScript.ts';
import { createTurns } from './turns.ts';

/** The part of a worker's global scope that is used here. */
interface Scope {
  onmessage: ((event: { readonly data: Request }) => void) | null;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as Scope;
const nextTurn = createTurns();

async function answer(request: Request): Promise<Answer> {
  const { kind, id, source } = request;
  if (kind === 'run') return { kind, id, view: await runScript(source, nextTurn) };
  return { kind, id, look: (await lookAt(source, request.cursor, nextTurn)) ?? null };
}

scope.onmessage = ({ data }) => {
  answer(data).then(
    (said) => scope.postMessage(said),
    (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      scope.postMessage({ kind: 'failed', id: data.id, why });
    },
  );
};
