// The response times of many requests: their density, and their figures as a table.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { toTable } from '../../plots/figure.ts';
import { drawLines } from '../../plots/linePlot.ts';
import { densityPlot, figuresTable } from '../../times/curves.ts';
import { toNode } from './drawn.tsx';
import type { RequestsModel } from './model.ts';

const USUAL_WIDTH = 640;
const WIDEST = 900;

export function Curves({ model }: { readonly model: RequestsModel }) {
  const holder = useRef<HTMLDivElement>(null);
  const width = useSignal(USUAL_WIDTH);
  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      const wide = Math.floor(entry?.contentRect.width ?? 0);
      if (wide > 0) width.value = Math.min(WIDEST, wide);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [width]);
  const curves = model.curves.value;
  const size = { width: width.value, height: width.value < 480 ? 320 : 340 };
  return (
    <div ref={holder} class="requests-curves">
      {curves.length > 0 && (
        <>
          {toNode(drawLines(densityPlot(curves, size)))}
          {toNode(toTable(figuresTable(curves)))}
        </>
      )}
    </div>
  );
}
