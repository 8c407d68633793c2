// The whole answer to a single request.
import { escapeControls } from '../../../language/printable.ts';
import type { Done } from '../../times/requests.ts';
import { tellAnswer } from '../../times/tellAnswer.ts';

export function Answers({ answers }: { readonly answers: readonly Done[] }) {
  return (
    <div class="requests-answers" aria-live="polite">
      {answers.map((done) => (
        <section key={done.operation} class={classOf(done)}>
          <h4>{done.operation.toUpperCase()}</h4>
          <dl>
            {tellAnswer(done).map(({ name, text }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <bdi>{escapeControls(text)}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function classOf({ answer: { outcome }, isStale }: Done): string {
  const isFine = (outcome === 'ok' || outcome === 'absent') && !isStale;
  return isFine ? 'requests-answer' : 'requests-answer requests-answer-bad';
}
