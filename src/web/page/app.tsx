// The page as a whole: the panels around one bench. The script with its answers and the verdict are
// at the left, the diagram at the right; below it the states at the cursor, and tabs.

import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Bench } from './bench.ts';
import { Diagram } from './diagram/diagram.tsx';
import { Editor } from './editor/editor.tsx';
import { Verdict } from './editor/verdict.tsx';
import { Exports } from './exports/exports.tsx';
import { Placement } from './placement/placement.tsx';
import { Requests } from './requests/requests.tsx';
import { Divider } from './shell/divider.tsx';
import { Dock, type Tab } from './shell/dock.tsx';
import { Header } from './shell/header.tsx';
import { Stores } from './stores/stores.tsx';
import { Swarm } from './swarm/swarm.tsx';
import { Topology } from './topology/topology.tsx';

interface AppProps {
  readonly bench: Bench;
  /** Something to say at the top, such as why a link could not be read; empty for nothing. */
  readonly notice?: Signal<string>;
  /** What stands below the header, such as the steps of a live run. */
  readonly children?: ComponentChildren;
}

export function App({ bench, notice, children }: AppProps) {
  const left = useSignal(38);
  const upper = useSignal(53);
  const isLarge = useSignal(false);
  return (
    <div class="shell">
      <Header bench={bench} />
      {notice && <Notice notice={notice} />}
      {children}
      <main class="shell-main" style={{ '--left': `${left.value}%` }}>
        <div class="shell-left">
          <div class="shell-script">
            <Editor bench={bench} />
          </div>
          <div class="shell-verdict">
            <Verdict bench={bench} />
          </div>
        </div>
        <Divider label="Width of the script" share={left} axis="x" />
        <div
          class={isLarge.value ? 'shell-right shell-right-large' : 'shell-right'}
          style={{ '--upper': `${upper.value}%` }}
        >
          <div class="shell-diagram">
            <Diagram bench={bench} />
          </div>
          <Divider label="Height of the diagram" share={upper} axis="y" />
          <Dock
            tabs={tabsOf(bench)}
            isLarge={isLarge.value}
            onLarge={(large) => {
              isLarge.value = large;
            }}
          />
        </div>
      </main>
    </div>
  );
}

function Notice({ notice }: { readonly notice: Signal<string> }) {
  return (
    <div class="shell-notice" role="alert">
      {notice.value !== '' && (
        <p>
          {notice.value}
          <button
            type="button"
            class="shell-button"
            onClick={() => {
              notice.value = '';
            }}
          >
            Close
          </button>
        </p>
      )}
    </div>
  );
}

/** A report has no worker, so it runs nothing. */
function tabsOf(bench: Bench): Tab[] {
  const cursor = {
    name: 'cursor',
    title: 'At the cursor',
    content: () => (
      <>
        <Topology bench={bench} />
        <Stores bench={bench} />
        <Placement bench={bench} />
      </>
    ),
  };
  const exports = { name: 'export', title: 'Export', content: () => <Exports bench={bench} /> };
  if (!bench.isEditable) return [cursor, exports];
  return [
    cursor,
    {
      name: 'requests',
      title: 'Requests and times',
      content: () => <Requests bench={bench} />,
    },
    { name: 'swarm', title: 'Random scripts', content: () => <Swarm bench={bench} /> },
    exports,
  ];
}
