// The verdict of the run, and the operations that show it.
import type { Bench } from '../bench.ts';

export function Verdict({ bench }: { readonly bench: Bench }) {
  return <section aria-label="Verdict" data-events={bench.view.value?.events.length ?? 0} />;
}
