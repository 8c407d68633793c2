// A divider between two panels, moved by mouse, touch or arrow keys.
import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';

interface DividerProps {
  readonly label: string;
  /** The share of the first side, in percent. */
  readonly share: Signal<number>;
  /** `x`: the sides are left and right. */
  readonly axis: 'x' | 'y';
}

const LEAST = 15;
const MOST = 85;
const STEP = 2;

const BACK: readonly string[] = ['ArrowLeft', 'ArrowUp'];
const FORTH: readonly string[] = ['ArrowRight', 'ArrowDown'];

export function Divider({ label, share, axis }: DividerProps) {
  const element = useRef<HTMLHRElement>(null);
  const move = (to: number): void => {
    share.value = Math.max(LEAST, Math.min(MOST, to));
  };
  const moveToPointer = ({ clientX, clientY, buttons }: PointerEvent): void => {
    const box = element.current?.parentElement?.getBoundingClientRect();
    if (box === undefined || buttons === 0) return;
    const part = axis === 'x' ? (clientX - box.left) / box.width : (clientY - box.top) / box.height;
    move(part * 100);
  };
  return (
    <hr
      ref={element}
      class={`shell-divider shell-divider-${axis}`}
      tabIndex={0}
      aria-label={label}
      aria-orientation={axis === 'x' ? 'vertical' : 'horizontal'}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      aria-valuenow={Math.round(share.value)}
      onPointerDown={(event) => {
        event.preventDefault();
        element.current?.setPointerCapture(event.pointerId);
      }}
      onPointerMove={moveToPointer}
      onKeyDown={({ key }) => {
        if (BACK.includes(key)) move(share.value - STEP);
        if (FORTH.includes(key)) move(share.value + STEP);
      }}
    />
  );
}
