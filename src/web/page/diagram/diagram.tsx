// The space-time diagram of the run: the overview, the drawing or its table, and the event at the
// cursor in words.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { countRelated } from '../../picture/causality.ts';
import { describeWhat, nameLane, showTime } from '../../picture/text.ts';
import type { Bench } from '../bench.ts';
import { isTyping, listKeys } from '../keys.ts';
import { HELP, pressKey } from './keys.ts';
import { Overview } from './overview.tsx';
import { Plot } from './plot.tsx';
import { DiagramState } from './state.ts';
import { EventTable } from './table.tsx';
import { Toolbar } from './toolbar.tsx';

export function Diagram({ bench }: { readonly bench: Bench }) {
  const state = useMemo(() => new DiagramState(bench), [bench]);
  const searchField = useRef<HTMLInputElement>(null);
  useEffect(() => listKeys('Diagram', HELP), []);
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== '/' || isTyping(event) || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      searchField.current?.focus();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  const count = bench.view.value?.events.length ?? 0;
  if (state.model.value === undefined) {
    return (
      <section aria-label="Diagram" data-events={count}>
        <p class="diagram-empty">No events yet: a script that starts a server has some.</p>
      </section>
    );
  }
  return (
    <section
      class="diagram"
      aria-label="Diagram"
      data-events={count}
      onKeyDown={(event) => pressKey(event, state)}
    >
      <Toolbar state={state} searchField={searchField} />
      <Overview state={state} />
      {state.isTable.value ? (
        <EventTable state={state} />
      ) : (
        <div
          class="diagram-focus"
          id="diagram-plot"
          tabIndex={0}
          role="slider"
          aria-label="Cursor of the space-time diagram"
          aria-valuemin={0}
          aria-valuemax={count}
          aria-valuenow={bench.cursor.value}
          aria-valuetext={tellCursor(state)}
        >
          <Plot state={state} />
        </div>
      )}
      <StatusLine state={state} />
    </section>
  );
}

function StatusLine({ state }: { readonly state: DiagramState }) {
  return (
    <div class="diagram-status">
      <p>{tellCursor(state)}</p>
      <p class="diagram-aside">{tellAside(state)}</p>
    </div>
  );
}

function tellCursor(state: DiagramState): string {
  const model = state.model.value;
  const index = state.event.value;
  const event = model?.events[index];
  const lane = model?.lanes[model.lane[index] as number];
  if (model === undefined || event === undefined || lane === undefined) return 'Before all events';
  const line = event.line === undefined ? '' : ` · line ${event.line}`;
  const place = `${index + 1} of ${model.events.length} · ${showTime(event.at)}`;
  return `${place} · ${nameLane(lane)} ${describeWhat(event)}${line}`;
}

function tellAside(state: DiagramState): string {
  const relation = state.relation.value;
  if (relation !== undefined) {
    const { past, future, concurrent } = countRelated(relation);
    return `of the selected event: ${past} before, ${future} after, ${concurrent} concurrent · Esc`;
  }
  const oneOf = state.isTable.value ? 1 : state.oneOf.value;
  return oneOf > 1 ? `one message of ${oneOf} drawn: zoom in for all` : '';
}
