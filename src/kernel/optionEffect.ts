// Whether an option has an effect, given the others.
import type { Design, Options, OptionValue } from './design.ts';

/**
 * Why an option has no effect with these, which are complete, such as `without ring=big` or
 * `with mode=quick`. Undefined if it has one.
 */
export function whyNoEffect(design: Design, options: Options, name: string): string | undefined {
  const { onlyWith, notWith } = design.options[name] ?? {};
  const isChosen = ({ option, value }: OptionValue): boolean => options[option] === value;
  if (onlyWith !== undefined && !isChosen(onlyWith)) return `without ${show(onlyWith)}`;
  return notWith !== undefined && isChosen(notWith) ? `with ${show(notWith)}` : undefined;
}

function show({ option, value }: OptionValue): string {
  return `${option}=${value}`;
}
