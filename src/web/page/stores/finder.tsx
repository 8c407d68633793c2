// Finds keys among many: by text, by difference, and page by page.
import type { Signal } from '@preact/signals';

interface Props {
  readonly text: Signal<string>;
  readonly isDifferingOnly: Signal<boolean>;
  readonly page: Signal<number>;
  readonly pages: number;
  readonly counts: string;
}

export function Finder({ text, isDifferingOnly, page, pages, counts }: Props) {
  const shown = Math.min(page.value, pages - 1);
  const turn = (by: number): void => {
    page.value = Math.min(pages - 1, Math.max(0, shown + by));
  };
  return (
    <div class="stores-finder">
      <input
        type="search"
        placeholder="Find a key"
        aria-label="Find a key"
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          page.value = 0;
        }}
      />
      <label>
        <input
          type="checkbox"
          checked={isDifferingOnly.value}
          onChange={({ currentTarget }) => {
            isDifferingOnly.value = currentTarget.checked;
            page.value = 0;
          }}
        />
        differences only
      </label>
      <span class="stores-counts" aria-live="polite">
        {counts}
      </span>
      {pages > 1 && (
        <span class="stores-pages">
          <button type="button" disabled={shown === 0} onClick={() => turn(-1)}>
            Previous
          </button>
          <span>
            {shown + 1} / {pages}
          </span>
          <button type="button" disabled={shown === pages - 1} onClick={() => turn(1)}>
            Next
          </button>
        </span>
      )}
    </div>
  );
}
