// The event at the cursor in words, and what the diagram leaves out or lets stand out.
import { countRelated } from '../../picture/causality.ts';
import { describeWhat, nameLane, showTime } from '../../picture/text.ts';
import type { DiagramState } from './state.ts';

export function StatusLine({ state }: { readonly state: DiagramState }) {
  return (
    <div class="diagram-status">
      <p>{tellCursor(state)}</p>
      <p class="diagram-aside">{tellAside(state)}</p>
    </div>
  );
}

export function tellCursor(state: DiagramState): string {
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
