// The space-time diagram of the run.
import type { Bench } from '../bench.ts';

export function Diagram({ bench }: { readonly bench: Bench }) {
  return <section aria-label="Diagram" data-events={bench.view.value?.events.length ?? 0} />;
}
