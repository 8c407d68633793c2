// A part of the verdict: what it says at the left, of what at the right; and its operations.
import type { ComponentChildren } from 'preact';
import { escapeUnseen } from '../../../language/printable.ts';
import type { VerdictRow } from '../../script/verdictParts.ts';
import type { Bench } from '../bench.ts';

interface PartProps {
  readonly sign: string;
  readonly kind: 'holds' | 'broken' | 'undecided';
  readonly title: string;
  readonly children: ComponentChildren;
}

export function Part({ sign, kind, title, children }: PartProps) {
  return (
    <div class={`verdict-part verdict-${kind}`}>
      <h2>
        <span aria-hidden="true">{sign}</span> {title}
      </h2>
      <div>{children}</div>
    </div>
  );
}

interface RowsProps {
  readonly bench: Bench;
  readonly rows: readonly VerdictRow[];
}

/** An operation's row selects its line. */
export function Rows({ bench, rows }: RowsProps) {
  return (
    <ol class="verdict-rows">
      {rows.map(({ line, text }) => (
        <li key={`${line} ${text}`} class="verdict-row">
          {line === undefined ? (
            escapeUnseen(text)
          ) : (
            <button
              type="button"
              aria-pressed={bench.line.value === line}
              onClick={() => bench.selectLine(line)}
            >
              <span class="verdict-line">line {line}</span>
              <code>{escapeUnseen(text)}</code>
            </button>
          )}
        </li>
      ))}
    </ol>
  );
}
