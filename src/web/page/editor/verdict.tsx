// The verdict of the run, and the operations that show it; and how the run itself goes.
import { useSignal } from '@preact/signals';
import { LEVEL_MEANINGS } from '../../../checkers/levels.ts';
import { escapeUnseen } from '../../../language/printable.ts';
import { showText } from '../../picture/text.ts';
import { groupByLine } from '../../script/said.ts';
import { joinHolding, readVerdict, type VerdictPart } from '../../script/verdictParts.ts';
import type { EarlierWrite } from '../../view.ts';
import type { Bench } from '../bench.ts';
import { RunState } from './runState.tsx';
import { Part, Rows } from './verdictPart.tsx';

export function Verdict({ bench }: { readonly bench: Bench }) {
  const view = bench.view.value;
  return (
    <section class="verdict" aria-label="Verdict">
      <RunState bench={bench} />
      {view !== undefined && (
        <div class={bench.isStopped.value ? 'verdict-former' : undefined}>
          {view.failure !== undefined && (
            <Part sign="✕" kind="broken" title="The run ended early">
              <p>{escapeUnseen(view.failure)}</p>
            </Part>
          )}
          {joinHolding(readVerdict(view.verdict.lines)).map((part, at) => (
            // The parts have no name of their own, and their order is their only identity.
            <Judged key={`${at} ${part.levels.join()}`} bench={bench} part={part} />
          ))}
          <Earlier writes={view.earlier} />
          <Remarks bench={bench} />
        </div>
      )}
    </section>
  );
}

const TITLES: Readonly<Record<VerdictPart['judgement'], string>> = {
  holds: 'Holds',
  broken: 'Broken',
  undecided: 'Undecided',
  answered: 'Answered',
};
const SIGNS: Readonly<Record<VerdictPart['judgement'], string>> = {
  holds: '✓',
  broken: '✕',
  undecided: '?',
  answered: '⇄',
};

function Judged({ bench, part }: { readonly bench: Bench; readonly part: VerdictPart }) {
  const { levels, judgement, text, rows } = part;
  const explained = useSignal<string | undefined>(undefined);
  const meaning = explained.value === undefined ? undefined : meaningOf(explained.value);
  return (
    <Part sign={SIGNS[judgement]} kind={kindOf(part)} title={TITLES[judgement]}>
      {judgement === 'holds' && levels.length === 0 && <span>no level</span>}
      {levels.length > 0 && (
        <ul class="verdict-levels">
          {levels.map((level) => (
            <li key={level}>
              <button
                type="button"
                class="verdict-level"
                title={meaningOf(level)}
                aria-label={`Meaning of ${level}`}
                aria-expanded={explained.value === level}
                onClick={() => {
                  explained.value = explained.value === level ? undefined : level;
                }}
              >
                {level}
              </button>
            </li>
          ))}
        </ul>
      )}
      {meaning !== undefined && (
        <p class="verdict-meaning">
          <strong>{explained}:</strong> {meaning}
        </p>
      )}
      {text !== '' && <p>{escapeUnseen(text)}</p>}
      {rows.length > 0 && <Rows bench={bench} rows={rows} />}
    </Part>
  );
}

function kindOf({ judgement, levels, text }: VerdictPart) {
  if (judgement === 'answered') return text.startsWith('all of') ? 'holds' : 'undecided';
  return judgement === 'holds' && levels.length === 0 ? 'undecided' : judgement;
}

function meaningOf(level: string): string | undefined {
  return Object.entries(LEVEL_MEANINGS).find(([name]) => name === level)?.[1];
}

/** More are in the exported history. */
const MOST_EARLIER = 20;

/** What servers had from earlier runs: the verdict counts it as written before this one. */
function Earlier({ writes }: { readonly writes: readonly EarlierWrite[] }) {
  if (writes.length === 0) return null;
  const more = writes.length - MOST_EARLIER;
  return (
    <Part sign="i" kind="undecided" title="Before">
      <p>Servers had these writes from an earlier run:</p>
      <ul class="verdict-earlier">
        {writes.slice(0, MOST_EARLIER).map(({ write }, at) => (
          <li key={`${at} ${write.key}`}>
            <code>{tellEarlier(write)}</code> at server {write.server}
          </li>
        ))}
      </ul>
      {more > 0 && <p>{more} more are in the exported history.</p>}
    </Part>
  );
}

function tellEarlier({ key, value }: EarlierWrite['write']): string {
  return value === null ? `delete ${showText(key)}` : `put ${showText(key)} ${showText(value)}`;
}

/** Notes and warnings that concern no line. */
function Remarks({ bench }: { readonly bench: Bench }) {
  const remarks = groupByLine(bench.view.value?.said ?? []).get(0)?.remarks ?? [];
  if (remarks.length === 0) return null;
  return (
    <Part sign="i" kind="undecided" title="Notes">
      {remarks.map(({ text }) => (
        <p key={text}>{escapeUnseen(text)}</p>
      ))}
    </Part>
  );
}
