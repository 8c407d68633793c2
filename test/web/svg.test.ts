import { describe, expect, it } from 'vitest';
import { fitAll } from '../../src/web/picture/frame.ts';
import { layOut, place } from '../../src/web/picture/layout.ts';
import type { Model } from '../../src/web/picture/model.ts';
import { toSvg } from '../../src/web/picture/svg.ts';
import { modelOf, randomTrace, traceOf } from './runs.ts';

function draw(model: Model): string {
  const filter = { isControlShown: false };
  const layout = layOut(model, place(model, 'time', false), filter);
  const measures = { width: 800, height: 300, gutter: 90, ruler: 24, laneHeight: 50, top: 0 };
  return toSvg(layout, { ...fitAll(layout.places.width), ...measures });
}

const count = (svg: string): number => svg.match(/<(?!\/|svg)/g)?.length ?? 0;

describe('toSvg', () => {
  it('draws lanes, messages and their methods', () => {
    const svg = draw(
      modelOf(
        traceOf(
          { event: 'start', node: 0, role: 'server' },
          { event: 'start', node: 1, role: 'server' },
          { event: 'send', node: 0, to: 1, message: 'm', method: 'push' },
          { event: 'receive', node: 1, from: 0, message: 'm', method: 'push', at: 9 },
        ),
      ),
    );
    expect(svg).toMatch(/^<svg xmlns/);
    expect(svg).toContain('>server 1</text>');
    expect(svg).toContain('>push</text>');
    expect(svg).toContain('<polygon');
    expect(svg).not.toContain('left out');
  });

  it('has texts of users as text', () => {
    const detail = { key: '<b>&"\u202e' };
    const svg = draw(modelOf(traceOf({ event: 'note', node: 0, label: 'x', detail })));
    expect(svg).toContain('&lt;b&gt;&amp;');
    expect(svg).not.toContain('<b>');
    expect(svg).not.toContain('\u202e');
  });

  it('cuts a picture of more than a thousand elements, and says so', () => {
    const svg = draw(modelOf(randomTrace(3, 3000)));
    expect(count(svg)).toBeLessThanOrEqual(1000);
    expect(svg).toMatch(/[0-9]+ elements left out/);
  });
});
