// The page as a whole: the panels around one bench.
import type { Bench } from './bench.ts';
import { Diagram } from './diagram/diagram.tsx';
import { Editor } from './editor/editor.tsx';
import { Verdict } from './editor/verdict.tsx';
import { Exports } from './exports/exports.tsx';
import { Placement } from './placement/placement.tsx';
import { Requests } from './requests/requests.tsx';
import { Stores } from './stores/stores.tsx';
import { Swarm } from './swarm/swarm.tsx';
import { Topology } from './topology/topology.tsx';

const PANELS = [
  Editor,
  Verdict,
  Diagram,
  Topology,
  Stores,
  Placement,
  Requests,
  Swarm,
  Exports,
] as const;

export function App({ bench }: { readonly bench: Bench }) {
  return (
    <main>
      <h1>Causeway</h1>
      {PANELS.map((Panel) => (
        <Panel key={Panel.name} bench={bench} />
      ))}
    </main>
  );
}
