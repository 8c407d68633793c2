// The nodes and links at the cursor.
import type { Bench } from '../bench.ts';

export function Topology({ bench }: { readonly bench: Bench }) {
  return <section aria-label="Topology" data-events={bench.view.value?.events.length ?? 0} />;
}
