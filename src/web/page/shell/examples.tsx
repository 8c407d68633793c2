// The shipped scripts, to begin from one of them.
import { signal } from '@preact/signals';
import { findExamples, groupExamples } from '../../script/examples.ts';
import { toScript } from '../../share/link.ts';
import type { Bench } from '../bench.ts';
import { Dialog } from './dialog.tsx';

/** The shipped scripts by name, put in by the build. */
declare const EXAMPLES: readonly (readonly [string, string])[];

const isOpen = signal(false);
const query = signal('');

export function ExamplesButton({ bench }: { readonly bench: Bench }) {
  return (
    <>
      <button
        type="button"
        class="shell-button shell-button-main"
        aria-haspopup="dialog"
        onClick={() => {
          query.value = '';
          isOpen.value = true;
        }}
      >
        Examples
      </button>
      <Dialog title="Examples" isOpen={isOpen}>
        <ExampleList
          onChoose={(script) => {
            isOpen.value = false;
            bench.begin({ script });
          }}
        />
      </Dialog>
    </>
  );
}

function ExampleList({ onChoose }: { readonly onChoose: (text: string) => void }) {
  const groups = findExamples(groupExamples(EXAMPLES), query.value);
  return (
    <div class="shell-examples">
      <input
        type="search"
        aria-label="Search the examples"
        placeholder="Search: partition, hint, power cut"
        value={query.value}
        onInput={({ currentTarget }) => {
          query.value = currentTarget.value;
        }}
      />
      {groups.length === 0 && <p>No example has these words.</p>}
      {groups.map(({ protocol, examples }) => (
        <section key={protocol}>
          <h3>
            {protocol} <span class="shell-examples-count">{examples.length}</span>
          </h3>
          <ul>
            {examples.map(({ path, name, title, text }) => (
              <li key={path}>
                <button type="button" onClick={() => onChoose(toScript(text))}>
                  <strong>{name}</strong>
                  <span class="shell-examples-title">{title}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
