// Scales: from values to positions, with the ticks of an axis.

export interface Tick {
  readonly value: number;
  readonly text: string;
}

export interface Scale {
  readonly least: number;
  readonly most: number;
  readonly ticks: readonly Tick[];
  /** From 0 for the least value to 1 for the greatest. */
  share(value: number): number;
}

/** The steps between ticks: one of these, times a power of ten. */
const STEPS = [1, 2, 2.5, 5, 10];

/** A step with which about so many ticks are in the range. */
export function niceStep(span: number, ticks: number): number {
  const rough = span / Math.max(1, ticks);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = STEPS.find((one) => one * power >= rough * 0.999) ?? 10;
  return step * power;
}

/** From `least` to `most` or a little further, so that the axis begins and ends with a tick. */
export function linearScale(least: number, most: number, ticks = 5): Scale {
  const span = most - least;
  const step = niceStep(span > 0 ? span : Math.abs(most) || 1, ticks);
  const [first, last] = [Math.floor(least / step + 1e-9), Math.ceil(most / step - 1e-9)];
  const end = Math.max(last, first + 1);
  const values = Array.from({ length: end - first + 1 }, (_, index) => (first + index) * step);
  const digits = digitsOf(step);
  const [from, to] = [first * step, end * step];
  return {
    ...{ least: from, most: to },
    ticks: values.map((value) => ({ value, text: toText(value, digits) })),
    share: (value) => (value - from) / (to - from),
  };
}

/** Values must be above 0. Ticks are 1, 2 and 5 times powers of ten, or powers alone if many. */
export function logScale(least: number, most: number): Scale {
  const [first, last] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const factors = last - first > 3 ? [1] : [1, 2, 5];
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index).flatMap(
    (power) => factors.map((factor) => factor * 10 ** power),
  );
  const from = all.findLast((value) => value <= least * 1.001) ?? least;
  const to = all.find((value) => value >= most * 0.999 && value > from) ?? most;
  const ticks = all.filter((value) => value >= from && value <= to);
  return {
    ...{ least: from, most: to },
    ticks: ticks.map((value) => ({ value, text: toText(value, digitsOf(value)) })),
    share: (value) => Math.log(value / from) / Math.log(to / from),
  };
}

/** Categories at equal distances, half a distance from both ends. */
export function categoryScale(categories: readonly string[]): Scale {
  const count = Math.max(1, categories.length);
  return {
    ...{ least: 0, most: count - 1 },
    ticks: categories.map((text, value) => ({ value, text })),
    share: (value) => (value + 0.5) / count,
  };
}

/** As many digits after the point as multiples of the step have. */
function digitsOf(step: number): number {
  const digits = Array.from({ length: 7 }, (_, index) => index);
  return (
    digits.find((count) => Math.abs(step * 10 ** count - Math.round(step * 10 ** count)) < 1e-6) ??
    7
  );
}

function toText(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  const [whole = '', ...rest] = text.split('.');
  const grouped = whole.length > 4 ? whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',') : whole;
  const sign = value < 0 && Number(text) !== 0 ? '−' : '';
  return sign + [grouped, ...rest].join('.');
}
