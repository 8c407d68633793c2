// What can be taken away: pictures, and the data of the run.
import type { Bench } from '../bench.ts';

export function Exports({ bench }: { readonly bench: Bench }) {
  return <section aria-label="Export" data-events={bench.view.value?.events.length ?? 0} />;
}
