// The run as files of other programs: each is made when it is asked for.
import { useSignal } from '@preact/signals';
import { EXPORTS, type Export, type ExportFile } from '../../export/exports.ts';
import type { Bench } from '../bench.ts';

export function Exports({ bench }: { readonly bench: Bench }) {
  const said = useSignal('');
  const view = bench.view.value;
  if (view === undefined) return null;
  const tell = (what: string, { name, leftOut = '' }: ExportFile): void => {
    said.value = `${name} ${what}. ${leftOut}`;
  };
  const download = (wanted: Export): void => {
    const file = wanted.make(view);
    save(file);
    tell('is saved', file);
  };
  const copy = (wanted: Export): void => {
    const file = wanted.make(view);
    navigator.clipboard.writeText(file.text).then(
      () => tell('is copied', file),
      () => {
        said.value = 'The browser allows no copying here. Save the file instead.';
      },
    );
  };
  return (
    <section class="exports" aria-label="Export">
      <ul>
        {EXPORTS.map((one) => (
          <li key={one.title}>
            <div>
              <strong>{one.title}</strong>
              <p>{one.meaning}</p>
            </div>
            <Act what="Save" of={one} onClick={() => download(one)} />
            <Act what="Copy" of={one} onClick={() => copy(one)} />
          </li>
        ))}
      </ul>
      <p class="exports-said" role="status">
        {said}
      </p>
    </section>
  );
}

interface ActProps {
  readonly what: string;
  readonly of: Export;
  readonly onClick: () => void;
}

function Act({ what, of: { title }, onClick }: ActProps) {
  return (
    <button
      type="button"
      class="shell-button"
      aria-label={`${what}: ${title}`}
      onClick={() => onClick()}
    >
      {what}
    </button>
  );
}

function save({ name, type, text }: ExportFile): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
