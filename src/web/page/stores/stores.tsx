// The servers' stores at the cursor, side by side: a row for each key, a column for each server.
import { useComputed, useSignal } from '@preact/signals';
import { StoreTable } from '../../cursor/storeTable.ts';
import { type Topology, topologyAt } from '../../cursor/topology.ts';
import { nodeState } from '../../cursor/topologyTexts.ts';
import type { Bench } from '../bench.ts';
import { MomentHead } from '../topology/moment.tsx';
import { Fields } from './fields.tsx';
import { Finder } from './finder.tsx';
import { type Column, Rows } from './rows.tsx';

const PAGE_ROWS = 50;
/** With fewer keys nothing has to be found. */
const FEW_KEYS = 8;

export function Stores({ bench }: { readonly bench: Bench }) {
  const text = useSignal('');
  const isDifferingOnly = useSignal(false);
  const page = useSignal(0);
  const table = useComputed(() => {
    const look = bench.look.value;
    return look && new StoreTable(look);
  });
  const found = useComputed(() => find(table.value, text.value, isDifferingOnly.value));
  const columns = useComputed(() => {
    const { value: look } = bench.look;
    const events = bench.view.value?.events ?? [];
    return look === undefined ? [] : columnsOf(topologyAt(events, look.cursor));
  });
  const look = bench.look.value;
  if (look === undefined || table.value === undefined || columns.value.length === 0) return null;
  const pages = Math.max(1, Math.ceil(found.value.length / PAGE_ROWS));
  const shown = Math.min(page.value, pages - 1);
  const keys = found.value.slice(shown * PAGE_ROWS, (shown + 1) * PAGE_ROWS);
  const { keys: all } = table.value;
  return (
    <section class="stores" aria-label="Stores">
      <MomentHead bench={bench} title="Stores" cursor={look.cursor} />
      {(all.length > FEW_KEYS || text.value !== '' || isDifferingOnly.value) && (
        <Finder
          text={text}
          isDifferingOnly={isDifferingOnly}
          page={page}
          pages={pages}
          counts={`${found.value.length} of ${all.length} keys`}
        />
      )}
      <Rows rows={keys.map((key) => table.value?.row(key))} columns={columns.value} />
      <Fields servers={look.servers} />
    </section>
  );
}

/** A row is made for each key only if all differences are asked for. */
function find(table: StoreTable | undefined, text: string, isDifferingOnly: boolean): string[] {
  const keys = table?.keys ?? [];
  const wanted = text === '' ? [...keys] : keys.filter((key) => key.includes(text));
  return isDifferingOnly ? wanted.filter((key) => table?.row(key).differs) : wanted;
}

/** All servers that have begun, the dead ones too. */
function columnsOf({ nodes }: Topology): Column[] {
  return nodes
    .filter(({ role }) => role === 'server')
    .map((node) => ({ id: node.id, state: nodeState(node), isAlive: node.isAlive }));
}
