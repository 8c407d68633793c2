// Where keys are: ring, chains, groups and hints at the cursor.
import type { Bench } from '../bench.ts';

export function Placement({ bench }: { readonly bench: Bench }) {
  return <section aria-label="Placement" data-events={bench.view.value?.events.length ?? 0} />;
}
