// What is tried: which script, how many seeds, and what they are judged by.
import { useComputed, useSignal } from '@preact/signals';
import { JUDGED_LEVELS, type SeedPlan } from '../../run/seedPlan.ts';
import type { Bench } from '../bench.ts';
import type { SeedSearch } from './search.ts';

const MOST_SEEDS = 100_000;
const USUAL_SEEDS = 200;
const ALL_GUARANTEES = '';

interface FormProps {
  readonly bench: Bench;
  readonly search: SeedSearch;
}

export function SeedForm({ bench, search }: FormProps) {
  const script = useSignal<'random' | 'own'>('random');
  const level = useSignal(ALL_GUARANTEES);
  const count = useSignal(USUAL_SEEDS);
  const from = useSignal(1);
  const protocol = useComputed(() => bench.view.value?.protocol ?? bench.source.value.protocol);
  const submit = (event: Event): void => {
    event.preventDefault();
    const { source } = bench;
    const isOwn = script.value === 'own';
    const plan: SeedPlan = {
      protocol: isOwn ? source.value.protocol : protocol.value,
      script: isOwn ? source.value.script : null,
      faults: isOwn ? source.value.faults : '',
      level: JUDGED_LEVELS.find((known) => known === level.value) ?? null,
    };
    search.search(plan, { from: from.value, count: count.value });
  };
  const isBusy = search.doing.value !== 'nothing';
  return (
    <form class="swarm-form" onSubmit={submit}>
      <fieldset>
        <legend>Try</legend>
        <Choice chosen={script} value="random" text={`random scripts of ${protocol}`} />
        <Choice chosen={script} value="own" text="this script, with its faults" />
      </fieldset>
      <label>
        judged by{' '}
        <select
          value={level.value}
          onChange={({ currentTarget }) => {
            level.value = currentTarget.value;
          }}
        >
          <option value={ALL_GUARANTEES}>all that {protocol} guarantees</option>
          {JUDGED_LEVELS.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Count label="seeds" value={count} most={MOST_SEEDS} />
      <Count label="from seed" value={from} most={MOST_SEEDS} />
      <button type="submit" class="shell-button shell-button-main" disabled={isBusy}>
        Run {count} seeds
      </button>
    </form>
  );
}

interface ChoiceProps {
  readonly chosen: { value: 'random' | 'own' };
  readonly value: 'random' | 'own';
  readonly text: string;
}

function Choice({ chosen, value, text }: ChoiceProps) {
  return (
    <label>
      <input
        type="radio"
        name="swarm-script"
        value={value}
        checked={chosen.value === value}
        onChange={() => {
          chosen.value = value;
        }}
      />{' '}
      {text}
    </label>
  );
}

interface CountProps {
  readonly label: string;
  readonly value: { value: number };
  readonly most: number;
}

function Count({ label, value, most }: CountProps) {
  return (
    <label>
      {label}{' '}
      <input
        type="number"
        min={1}
        max={most}
        step={1}
        required
        value={value.value}
        onInput={({ currentTarget }) => {
          if (currentTarget.validity.valid) value.value = currentTarget.valueAsNumber;
        }}
      />
    </label>
  );
}
