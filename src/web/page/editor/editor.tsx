// The script: its text, the answers beside the lines, and what it is run with.
import type { Bench } from '../bench.ts';

export function Editor({ bench }: { readonly bench: Bench }) {
  return <section aria-label="Script" data-events={bench.view.value?.events.length ?? 0} />;
}
