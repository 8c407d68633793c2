// The page's colours as a canvas needs them, followed through light and dark.
import { signal } from '@preact/signals';
import { COLOURS, type Colour, LIGHT, type Palette } from '../../picture/paint.ts';

export const palette = signal<Palette>(LIGHT);

/** The size of the reader's text, against the usual one. */
export const scale = signal(1);

/** Keeps both signals up to date; returns how to stop that. */
export function watchLook(): () => void {
  const read = (): void => {
    palette.value = readPalette();
    scale.value = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  };
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const observer = new MutationObserver(read);
  observer.observe(document.documentElement, { attributes: true });
  dark.addEventListener('change', read);
  addEventListener('resize', read);
  read();
  return () => {
    observer.disconnect();
    dark.removeEventListener('change', read);
    removeEventListener('resize', read);
  };
}

/** A variable may be `light-dark(...)`: an element that has it as its colour resolves it. */
function readPalette(): Palette {
  const probe = document.body.appendChild(document.createElement('span'));
  probe.hidden = true;
  const colourOf = (colour: Colour): string => {
    probe.style.color = `var(--${colour})`;
    return getComputedStyle(probe).color;
  };
  const values = COLOURS.map((colour) => [colour, colourOf(colour)]);
  probe.remove();
  return Object.fromEntries(values) as Palette;
}
