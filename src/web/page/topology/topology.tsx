// The nodes and links at the cursor. A click on a node or a link offers what can be done to it.
import { useComputed, useSignal } from '@preact/signals';
import type { FaultTarget } from '../../cursor/faults.ts';
import { linkSettingsAt } from '../../cursor/linkTexts.ts';
import { topologyAt } from '../../cursor/topology.ts';
import { remarksOn } from '../../cursor/topologyTexts.ts';
import type { Bench } from '../bench.ts';
import { listKeys } from '../keys.ts';
import { FaultMenu, type Opened } from './faultMenu.tsx';
import { MomentHead } from './moment.tsx';
import { Picture } from './picture.tsx';

listKeys('Topology', [
  { keys: 'Arrows', does: 'go from node to node, and to the links' },
  { keys: 'Enter', does: 'faults of the node or link' },
]);

export function Topology({ bench }: { readonly bench: Bench }) {
  const view = bench.view.value;
  const opened = useSignal<Opened | undefined>(undefined);
  const topology = useComputed(() =>
    topologyAt(bench.view.value?.events ?? [], bench.cursor.value),
  );
  if (view === undefined || view.events.length === 0) return null;
  const remarks = remarksOn(topology.value);
  const open = (target: FaultTarget, opener: SVGGElement): void => {
    opened.value = { target, opener };
  };
  return (
    <section class="topology" aria-label="Topology">
      <MomentHead bench={bench} title="Topology">
        {bench.takesLines && <Whole bench={bench} />}
      </MomentHead>
      <Picture
        events={view.events}
        cursor={bench.cursor.value}
        topology={topology.value}
        settings={linkSettingsAt(view, bench.cursor.value)}
        {...(bench.takesLines && { onOpen: open })}
      />
      {remarks.length > 0 && (
        <dl class="topology-remarks">
          {remarks.map(({ term, text }) => (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
      {bench.takesLines && <FaultMenu bench={bench} topology={topology.value} opened={opened} />}
    </section>
  );
}

/** What can be done to the cluster as a whole. */
function Whole({ bench }: { readonly bench: Bench }) {
  return (
    <span class="topology-whole">
      {['heal', 'stabilize'].map((line) => (
        <button key={line} type="button" class="shell-button" onClick={() => bench.insert(line)}>
          {line}
        </button>
      ))}
    </span>
  );
}
