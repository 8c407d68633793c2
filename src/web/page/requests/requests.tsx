// Requests and their times: many gets or puts, each at a random server.
import type { Bench } from '../bench.ts';

export function Requests({ bench }: { readonly bench: Bench }) {
  return (
    <section aria-label="Requests and times" data-events={bench.view.value?.events.length ?? 0} />
  );
}
