// Where keys are at the cursor: the ring and a key's preference list, hints, chains, groups.
import { useComputed, useSignal } from '@preact/signals';
import { escapeUnseen } from '../../cursor/escape.ts';
import { placementAt, preferenceOf, type ShownPlacement } from '../../cursor/placement.ts';
import type { Look } from '../../view.ts';
import type { Bench } from '../bench.ts';
import { MomentHead } from '../topology/moment.tsx';
import { Chains, Groups, Hints, Suspicions } from './lists.tsx';
import { RingDrawing } from './ring.tsx';

const SUGGESTED_KEYS = 100;

export function Placement({ bench }: { readonly bench: Bench }) {
  const chosen = useSignal<string | undefined>(undefined);
  const placement = useComputed(() => bench.look.value && placementAt(bench.look.value));
  const { value: look } = bench.look;
  const { value: shown } = placement;
  const options = bench.view.value?.options ?? {};
  if (look === undefined || shown === undefined || isEmpty(shown)) return null;
  const key = chosen.value ?? keysIn(look)[0] ?? 'key';
  const preference = preferenceOf(key, look, options);
  const hasPlaces = shown.ring.length > 0 || shown.chains.length > 0;
  return (
    <section class="placement" aria-label="Placement">
      <MomentHead bench={bench} title="Placement" cursor={look.cursor} />
      {hasPlaces && (
        <KeyField
          value={key}
          keys={keysIn(look)}
          preference={preference}
          onInput={(text) => {
            chosen.value = text;
          }}
        />
      )}
      <div class="placement-parts">
        {shown.ring.length > 0 && (
          <RingDrawing
            tokens={shown.ring}
            hints={shown.hints}
            keyText={key}
            preference={preference ?? []}
          />
        )}
        <Chains chains={shown.chains} preference={preference ?? []} />
        <Groups groups={shown.groups} isMoving={shown.isMoving} />
        <Hints hints={shown.hints} />
        <Suspicions suspicions={shown.suspicions} />
      </div>
    </section>
  );
}

function isEmpty({ ring, hints, chains, groups, suspicions }: ShownPlacement): boolean {
  return [ring, hints, chains, groups, suspicions].every((part) => part.length === 0);
}

function keysIn({ servers }: Look): string[] {
  const keys = servers.flatMap(({ state }) =>
    [...(state?.store ?? []), ...(state?.hints ?? [])].map((entry) => entry.key),
  );
  return [...new Set(keys)].sort();
}

interface KeyFieldProps {
  readonly value: string;
  readonly keys: readonly string[];
  readonly preference: readonly number[] | undefined;
  readonly onInput: (text: string) => void;
}

function KeyField({ value, keys, preference, onInput }: KeyFieldProps) {
  return (
    <p class="placement-key">
      <label>
        key{' '}
        <input
          type="text"
          spellcheck={false}
          autocomplete="off"
          list="placement-keys"
          value={value}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      </label>
      <datalist id="placement-keys">
        {keys.slice(0, SUGGESTED_KEYS).map((key) => (
          <option key={key} value={key}>
            {escapeUnseen(key)}
          </option>
        ))}
      </datalist>
      <output>
        {preference === undefined ? 'is at no known server' : `is at ${preference.join(', ')}`}
      </output>
    </p>
  );
}
