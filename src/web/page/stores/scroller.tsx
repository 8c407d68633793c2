// A part that may be wider or higher than its place. The keyboard scrolls it once it has the focus.
import type { ComponentChildren } from 'preact';

interface Props {
  readonly label: string;
  readonly children: ComponentChildren;
}

const FOCUSABLE = { tabIndex: 0 } as const;

export function Scroller({ label, children }: Props) {
  return (
    <section class="stores-scroll" aria-label={label} {...FOCUSABLE}>
      {children}
    </section>
  );
}
