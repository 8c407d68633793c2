// Random scripts in the page: which seeds break, and one of them shrunk.
import type { Bench } from '../bench.ts';

export function Swarm({ bench }: { readonly bench: Bench }) {
  return <section aria-label="Random scripts" data-events={bench.view.value?.events.length ?? 0} />;
}
