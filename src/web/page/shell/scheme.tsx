// Light, dark, or as the system has it. The choice is kept where the browser allows that.
import { effect, signal } from '@preact/signals';

const SCHEMES = ['auto', 'light', 'dark'] as const;
type Scheme = (typeof SCHEMES)[number];

const KEPT = 'causeway-scheme';
const LABELS: Readonly<Record<Scheme, string>> = { auto: 'Auto', light: 'Light', dark: 'Dark' };

const scheme = signal<Scheme>(readKept());

effect(() => {
  const { dataset } = document.documentElement;
  if (scheme.value === 'auto') delete dataset.scheme;
  else dataset.scheme = scheme.value;
});

/** A page from a file, or one with cookies blocked, may have no storage. */
function readKept(): Scheme {
  try {
    return SCHEMES.find((one) => one === localStorage.getItem(KEPT)) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function choose(chosen: Scheme): void {
  scheme.value = chosen;
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // The choice then holds until the page is closed.
  }
}

export function SchemeSwitch() {
  return (
    <fieldset class="shell-scheme">
      <legend class="shell-unseen">Colours</legend>
      {SCHEMES.map((one) => (
        <label key={one}>
          <input
            type="radio"
            name="scheme"
            checked={scheme.value === one}
            onChange={() => choose(one)}
          />
          <span>{LABELS[one]}</span>
        </label>
      ))}
    </fieldset>
  );
}
