// The top of the page: its name, the examples, the link to share, colours and help.
import type { Bench } from '../bench.ts';
import { ExamplesButton } from './examples.tsx';
import { HelpButton } from './help.tsx';
import { SchemeSwitch } from './scheme.tsx';
import { ShareButton } from './share.tsx';

const KINDS = { playground: 'Playground', report: 'Report of a run', live: 'Live run' } as const;

export function Header({ bench }: { readonly bench: Bench }) {
  return (
    <header class="shell-header">
      <h1>
        <Mark />
        Causeway
      </h1>
      <p class="shell-kind">{KINDS[bench.kind]}</p>
      {bench.isEditable && <ExamplesButton bench={bench} />}
      {bench.isEditable ? (
        <p class="shell-lead">
          A replicated key-value store in simulation. Change the script: its answers, the verdict
          and the diagram follow.
        </p>
      ) : (
        <span class="shell-space" />
      )}
      {bench.isEditable && <ShareButton bench={bench} />}
      <SchemeSwitch />
      <HelpButton />
    </header>
  );
}

/** Two lanes, and a message between them. */
function Mark() {
  return (
    <svg class="shell-mark" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M2 7h20M2 17h20" />
      <path class="shell-mark-message" d="M7 7l9 10" />
      <circle cx="7" cy="7" r="2.4" />
      <circle cx="16" cy="17" r="2.4" />
    </svg>
  );
}
