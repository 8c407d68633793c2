// The space-time diagram of the run: the overview, the drawing or its table, and the event at the
// cursor in words.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Bench } from '../bench.ts';
import { isTyping, listKeys } from '../keys.ts';
import { HELP, pressKey } from './keys.ts';
import { Overview } from './overview.tsx';
import { Plot } from './plot.tsx';
import { DiagramState } from './state.ts';
import { StatusLine } from './status.tsx';
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
      {!state.isTable.value && <Overview state={state} />}
      {state.isTable.value ? <EventTable state={state} /> : <Plot state={state} />}
      <StatusLine state={state} />
    </section>
  );
}
