// The table of keys and servers. What replicas hold differently is marked by a shape and by text.
import type { InspectedEntry } from '../../../kernel/inspection.ts';
import { escapeUnseen } from '../../cursor/escape.ts';
import { formatVersion, type StoreCell, type StoreRow } from '../../cursor/storeTable.ts';
import { Scroller } from './scroller.tsx';

export interface Column {
  readonly id: number;
  /** `paused`, `dead` and so on; empty for a server that runs as it should. */
  readonly state: string;
  readonly isAlive: boolean;
}

interface Props {
  readonly rows: readonly (StoreRow | undefined)[];
  readonly columns: readonly Column[];
}

export function Rows({ rows, columns }: Props) {
  return (
    <Scroller label="Stores by key and server">
      <table class="stores-table">
        <thead>
          <tr>
            <th scope="col">key</th>
            {columns.map(({ id, state, isAlive }) => (
              <th key={id} scope="col" class={isAlive ? undefined : 'stores-dead'}>
                <span class="stores-server">{id}</span>
                {state !== '' && <span class="stores-state">{state}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => row && <Row key={row.key} row={row} columns={columns} />)}
          {rows.length === 0 && (
            <tr>
              <td class="stores-none" colSpan={columns.length + 1}>
                no keys
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </Scroller>
  );
}

function Row({ row, columns }: { readonly row: StoreRow; readonly columns: readonly Column[] }) {
  const cellById = new Map(row.cells.map((cell) => [cell.server, cell]));
  return (
    <tr class={row.differs ? 'stores-differs' : undefined}>
      <th scope="row">
        <bdi>{escapeUnseen(row.key)}</bdi>
        {row.differs && (
          <span class="stores-unequal">
            {'\u2260'}
            <span class="shell-unseen"> differs</span>
          </span>
        )}
      </th>
      {columns.map(({ id, isAlive }) => {
        const cell = cellById.get(id);
        if (cell === undefined) return <Unknown key={id} isAlive={isAlive} />;
        return <Cell key={id} cell={cell} differs={row.differs} />;
      })}
    </tr>
  );
}

/** A dead server has nothing; of a live one nothing is known at that moment. */
function Unknown({ isAlive }: { readonly isAlive: boolean }) {
  return <td class="stores-dead">{isAlive ? '?' : ''}</td>;
}

/** The marks of what replicas hold, from the most frequent on. */
const MARKS = ['\u25cf', '\u25b2', '\u25a0', '\u25c6'];

function Cell({ cell, differs }: { readonly cell: StoreCell; readonly differs: boolean }) {
  const { entries, isReplica, variant } = cell;
  const isMarked = differs && isReplica;
  const classes = [`stores-cell`, isMarked && `stores-variant-${Math.min(variant, 3)}`];
  return (
    <td class={classes.filter(Boolean).join(' ')}>
      <div class="stores-entries">
        {isMarked && (
          <span class="stores-mark" aria-hidden="true">
            {MARKS[variant] ?? MARKS.at(-1)}
          </span>
        )}
        <span class="stores-values">
          {entries.map((entry) => (
            <Entry key={`${entry.version} ${entry.value}`} entry={entry} />
          ))}
          {entries.length === 0 && isMarked && <span class="stores-missing">none</span>}
          {entries.length === 0 && !isReplica && (
            <span class="shell-unseen">not a replica of this key</span>
          )}
        </span>
      </div>
    </td>
  );
}

function Entry({ entry: { value, version } }: { readonly entry: InspectedEntry }) {
  return (
    <span class="stores-entry">
      {value === null ? (
        <span class="stores-deleted" title="A tombstone: the key has been deleted">
          deleted
        </span>
      ) : (
        <bdi class="stores-value" title={escapeUnseen(value)}>
          {value === '' ? <em>empty</em> : escapeUnseen(value)}
        </bdi>
      )}
      {version !== null && (
        <span
          class="stores-version"
          title={`timestamp ${version[0]}, server ${version[1]}.${version[2]}`}
        >
          {formatVersion(version)}
        </span>
      )}
    </span>
  );
}
