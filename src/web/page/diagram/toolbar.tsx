// What the diagram shows, and how: order, filters, zoom, search.
import { useComputed } from '@preact/signals';
import type { Ref } from 'preact';
import { listKeys, listMethods } from '../../picture/filter.ts';
import { nameLane, showText } from '../../picture/text.ts';
import type { DiagramState } from './state.ts';

interface Props {
  readonly state: DiagramState;
  readonly searchField: Ref<HTMLInputElement>;
}

const ZOOM = 1.6;

export function Toolbar({ state, searchField }: Props) {
  return (
    <div class="diagram-toolbar">
      <div class="diagram-group">
        <button
          type="button"
          class="shell-button"
          aria-pressed={state.isTable.value}
          onClick={() => {
            state.isTable.value = !state.isTable.value;
          }}
        >
          Table
        </button>
        <OrderChoice state={state} />
      </div>
      <Filters state={state} />
      <SearchField state={state} searchField={searchField} />
      <div class="diagram-group diagram-zoom">
        <button
          type="button"
          class="shell-button"
          aria-label="Zoom out"
          onClick={() => state.zoomBy(ZOOM)}
        >
          −
        </button>
        <button
          type="button"
          class="shell-button"
          aria-label="Zoom in"
          onClick={() => state.zoomBy(1 / ZOOM)}
        >
          +
        </button>
        <button
          type="button"
          class="shell-button"
          onClick={() => {
            state.asked.value = undefined;
          }}
        >
          Fit
        </button>
      </div>
    </div>
  );
}

function OrderChoice({ state }: { readonly state: DiagramState }) {
  return (
    <label class="diagram-field">
      <span class="shell-unseen">Order</span>
      <select
        value={state.order.value}
        onChange={({ currentTarget }) =>
          state.setOrder(currentTarget.value === 'causal' ? 'causal' : 'time')
        }
      >
        <option value="time">by time</option>
        <option value="causal">by Lamport order</option>
      </select>
    </label>
  );
}

function Filters({ state }: { readonly state: DiagramState }) {
  const keys = useComputed(() => (state.model.value ? listKeys(state.model.value) : []));
  const methods = useComputed(() => {
    const model = state.model.value;
    return model ? listMethods(model, state.filter.value.isControlShown) : [];
  });
  const { nodes, key, method, isControlShown } = state.filter.value;
  const active = [nodes, key, method, isControlShown || undefined];
  const count = active.filter((own) => own !== undefined).length;
  return (
    <details class="diagram-filter">
      <summary class="shell-button">{count === 0 ? 'Filter' : `Filter: ${count}`}</summary>
      <div class="diagram-menu">
        <Choice
          label="Key"
          all="all keys"
          values={keys.value}
          value={key}
          onChange={(chosen) => state.setFilter({ key: chosen })}
        />
        <Choice
          label="Method"
          all="all methods"
          values={methods.value}
          value={method}
          onChange={(chosen) => state.setFilter({ method: chosen })}
        />
        <label class="diagram-check">
          <input
            type="checkbox"
            checked={isControlShown}
            onChange={({ currentTarget }) =>
              state.setFilter({ isControlShown: currentTarget.checked })
            }
          />
          calls of the master (connect, settle, put, get)
        </label>
        <NodeFilter state={state} />
      </div>
    </details>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly all: string;
  readonly values: readonly string[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** Values are named by number, so that none can be mistaken for "all". */
function Choice({ label, all, values, value, onChange }: ChoiceProps) {
  const at = value === undefined ? -1 : values.indexOf(value);
  return (
    <label class="diagram-field">
      <span>{label}</span>
      <select
        value={String(at)}
        onChange={({ currentTarget }) => onChange(values[Number(currentTarget.value)])}
      >
        <option value="-1">{all}</option>
        {values.map((own, index) => (
          <option key={own} value={String(index)}>
            {showText(own)}
          </option>
        ))}
      </select>
    </label>
  );
}

function NodeFilter({ state }: { readonly state: DiagramState }) {
  const lanes = state.model.value?.lanes ?? [];
  const { nodes } = state.filter.value;
  return (
    <fieldset class="diagram-nodes">
      <legend>Nodes</legend>
      {lanes.map((lane) => (
        <label key={lane.node} class="diagram-check">
          <input
            type="checkbox"
            checked={nodes === undefined || nodes.has(lane.node)}
            onChange={({ currentTarget }) => {
              const now = new Set(nodes ?? lanes.map(({ node }) => node));
              if (currentTarget.checked) now.add(lane.node);
              else now.delete(lane.node);
              state.setFilter({ nodes: now.size === lanes.length ? undefined : now });
            }}
          />
          {nameLane(lane)}
        </label>
      ))}
      <button
        type="button"
        class="shell-button"
        disabled={nodes === undefined}
        onClick={() => state.setFilter({ nodes: undefined })}
      >
        Show all
      </button>
    </fieldset>
  );
}

/** Above so many events matches are not counted: the search goes from one to the next. */
const MOST_COUNTED = 50_000;

function SearchField({ state, searchField }: Props) {
  const count = useComputed(() => {
    const [search, layout] = [state.search.value, state.layout.value];
    if (search === undefined || layout === undefined) return undefined;
    return layout.isShown.length > MOST_COUNTED ? undefined : search.count();
  });
  return (
    <div class="diagram-group diagram-search">
      <input
        ref={searchField}
        type="search"
        placeholder="Search ( / )"
        aria-label="Search in methods, keys, values, notes and nodes"
        value={state.query.value}
        onInput={({ currentTarget }) => {
          state.query.value = currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          state.find(event.shiftKey ? -1 : 1);
        }}
      />
      {state.query.value !== '' && (
        <>
          <button
            type="button"
            class="shell-button"
            aria-label="Previous match"
            onClick={() => state.find(-1)}
          >
            ‹
          </button>
          <button
            type="button"
            class="shell-button"
            aria-label="Next match"
            onClick={() => state.find(1)}
          >
            ›
          </button>
          <output>{count.value === undefined ? '' : `${count.value} found`}</output>
        </>
      )}
    </div>
  );
}
