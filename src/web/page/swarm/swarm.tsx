// Random scripts in the page: many seeds, those that broke, and one of them shrunk.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { BrokenSeed } from '../../run/seedPlan.ts';
import type { Bench } from '../bench.ts';
import { Broken } from './broken.tsx';
import { SeedForm } from './form.tsx';
import { SeedSearch } from './search.ts';
import { countWorkers, startSeedWorker } from './startSeedWorker.ts';

export function Swarm({ bench }: { readonly bench: Bench }) {
  const search = useMemo(
    () =>
      new SeedSearch({
        startWorker: startSeedWorker,
        workers: countWorkers(),
        now: () => performance.now(),
      }),
    [],
  );
  useEffect(() => () => search.stop(), [search]);
  /** What the last click did, for those who do not see the editor change. */
  const opened = useSignal('');
  const open = (broken: BrokenSeed, what: string): void => {
    bench.edit(broken.source);
    opened.value = `${what} of seed ${broken.seed}, ${broken.length} lines, is in the editor.`;
  };
  return (
    <section class="swarm" aria-label="Random scripts" aria-busy={search.doing.value !== 'nothing'}>
      <SeedForm bench={bench} search={search} />
      <Progress search={search} />
      <p class="swarm-opened" role="status">
        {opened}
      </p>
      <Broken
        search={search}
        onOpen={(broken) => open(broken, 'The script')}
        onShrink={(broken) => {
          opened.value = '';
          search.shrink(broken, (shrunk) => open(shrunk, 'The shrunk script'));
        }}
      />
    </section>
  );
}

function Progress({ search }: { readonly search: SeedSearch }) {
  const { doing, done, count, shrinking, trouble } = search;
  const stop = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that was pressed has gone, or cannot be pressed now.
    if (doing.value !== 'nothing') stop.current?.focus();
  }, [doing.value]);
  if (search.plan.value === undefined) return null;
  const isShrinking = shrinking.value !== undefined;
  return (
    <div class="swarm-progress">
      {!isShrinking && (
        <progress aria-label="Seeds that were run" value={done.value} max={count.value} />
      )}
      <p>{isShrinking ? tellShrinking(search) : tellProgress(search)}</p>
      {doing.value !== 'nothing' && (
        <button ref={stop} type="button" class="shell-button" onClick={() => search.stop()}>
          {isShrinking ? 'Stop, and take the best so far' : 'Stop'}
        </button>
      )}
      {trouble.value !== undefined && (
        <p class="swarm-trouble" role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}

function tellProgress({ done, count, broken, undecided, perSecond }: SeedSearch): string {
  const parts = [`${done} of ${count} seeds`, `${broken.value.length} broke`];
  if (undecided.value > 0) parts.push(`${undecided} not decided`);
  if (perSecond.value > 0) parts.push(`${perSecond.value.toFixed(0)} seeds a second`);
  return parts.join(', ');
}

function tellShrinking({ shrinking }: SeedSearch): string {
  const { of, best } = shrinking.value ?? {};
  if (best === undefined) return `Seed ${of?.seed}: ${of?.length} lines are being shrunk.`;
  const { broken, trials } = best;
  return `Seed ${of?.seed}: ${of?.length} lines shrunk to ${broken.length}, ${trials} trials`;
}
