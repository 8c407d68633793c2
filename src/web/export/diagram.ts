// The whole space-time diagram of a run as an SVG file.
import { type Frame, fitAll } from '../picture/frame.ts';
import { layOut, place } from '../picture/layout.ts';
import type { Model } from '../picture/model.ts';
import { toSvg } from '../picture/svg.ts';

const GUTTER = 96;
const RULER = 28;
const LANE_HEIGHT = 44;
const FOOT = 24;
/** A picture for a page or a slide; a long run is drawn denser. */
const WIDTH = { least: 640, most: 2400, perEvent: 14 };

export function toDiagram(model: Model): string {
  const places = place(model, 'time', false);
  const layout = layOut(model, places, { isControlShown: false });
  const wanted = GUTTER + layout.shownCount * WIDTH.perEvent;
  const frame: Frame = {
    ...fitAll(places.width),
    width: Math.max(WIDTH.least, Math.min(WIDTH.most, wanted)),
    height: RULER + layout.rows.length * LANE_HEIGHT + FOOT,
    ...{ gutter: GUTTER, ruler: RULER, laneHeight: LANE_HEIGHT, top: 0 },
  };
  return toSvg(layout, frame);
}
