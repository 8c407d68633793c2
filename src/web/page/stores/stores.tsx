// The servers' stores at the cursor, side by side.
import type { Bench } from '../bench.ts';

export function Stores({ bench }: { readonly bench: Bench }) {
  return <section aria-label="Stores" data-events={bench.view.value?.events.length ?? 0} />;
}
