// Requests and their times: a configuration, and many gets or puts to it, each at a random server.
import { useMemo } from 'preact/hooks';
import type { Bench } from '../bench.ts';
import { Client } from './client.tsx';
import { Configuration } from './configuration.tsx';
import { RequestsModel } from './model.ts';

/** In a report there is nothing that could run. */
export function Requests({ bench }: { readonly bench: Bench }) {
  const model = useMemo(() => new RequestsModel(bench), [bench]);
  if (!bench.isEditable) return null;
  const trouble = model.trouble.value;
  return (
    <section
      class="requests"
      aria-label="Requests and times"
      aria-busy={model.progress.value !== undefined}
    >
      <Configuration model={model} />
      {trouble !== undefined && (
        <p class="requests-problem" role="alert">
          {trouble}
        </p>
      )}
      <Client model={model} />
    </section>
  );
}
