// The events around the cursor as a table: the diagram for those who read it rather than see it.
import { useEffect, useRef } from 'preact/hooks';
import { RELATION } from '../../picture/causality.ts';
import type { Layout } from '../../picture/layout.ts';
import { NONE } from '../../picture/model.ts';
import { neighbour } from '../../picture/moves.ts';
import { describeWhat, nameLane, showTime } from '../../picture/text.ts';
import type { DiagramState } from './state.ts';

/** Rows on each side of the cursor. */
const AROUND = 30;
const PAGE = 10;

export function EventTable({ state }: { readonly state: DiagramState }) {
  const layout = state.layout.value;
  const table = useRef<HTMLTableElement>(null);
  const at = state.event.value;
  useEffect(() => {
    const button = table.current?.querySelector<HTMLElement>('[aria-current="true"] button');
    button?.scrollIntoView({ block: 'nearest' });
    if (table.current?.contains(document.activeElement) === true) button?.focus();
  }, [at]);
  if (layout === undefined) return null;
  const rows = rowsAround(layout, at);
  const current = layout.isShown[at] === 1 ? at : (rows.findLast((row) => row <= at) ?? rows[0]);
  return (
    <div class="diagram-table">
      <table
        ref={table}
        aria-label="Events around the cursor"
        aria-rowcount={layout.isShown.length}
        onKeyDown={(event: KeyboardEvent) => {
          const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -PAGE, PageDown: PAGE } as const;
          const by = steps[event.key as keyof typeof steps];
          if (by === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          state.goTo(stepFrom(layout, at, by));
        }}
      >
        <thead>
          <tr>
            <th scope="col">event</th>
            <th scope="col">time</th>
            <th scope="col">node</th>
            <th scope="col">what</th>
            <th scope="col">line</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((index) => (
            <EventRow key={index} state={state} index={index} isCurrent={index === current} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly state: DiagramState;
  readonly index: number;
  readonly isCurrent: boolean;
}

const RELATIONS = ['concurrent', 'past', 'future', 'selected'] as const;

function EventRow({ state, index, isCurrent }: RowProps) {
  const model = state.model.value;
  const event = model?.events[index];
  const lane = model?.lanes[model.lane[index] as number];
  if (event === undefined || lane === undefined) return null;
  const relation = state.relation.value?.[index];
  const name = relation === undefined ? undefined : RELATIONS[relation];
  return (
    <tr
      aria-current={isCurrent ? 'true' : undefined}
      aria-rowindex={index + 1}
      class={relation === RELATION.concurrent ? 'diagram-concurrent' : undefined}
    >
      <td>{index + 1}</td>
      <td>{showTime(event.at)}</td>
      <td>{nameLane(lane)}</td>
      <td>
        <button type="button" tabIndex={isCurrent ? 0 : -1} onClick={() => state.select(index)}>
          {describeWhat(event)}
        </button>
        {name !== undefined && <em> ({name})</em>}
      </td>
      <td>{event.line ?? ''}</td>
    </tr>
  );
}

function rowsAround(layout: Layout, at: number): number[] {
  const rows: number[] = layout.isShown[at] === 1 ? [at] : [];
  for (const step of [-1, 1] as const) {
    let index = at;
    for (let count = 0; count < AROUND; count += 1) {
      index = neighbour(layout, index, step);
      if (index === NONE) break;
      rows.push(index);
    }
  }
  return rows.sort((a, b) => a - b);
}

/** So many shown events further, or as far as there are any. */
function stepFrom(layout: Layout, at: number, by: number): number {
  let index = at;
  for (let count = 0; count < Math.abs(by); count += 1) {
    const next = neighbour(layout, index, by < 0 ? -1 : 1);
    if (next === NONE) break;
    index = next;
  }
  return index;
}
