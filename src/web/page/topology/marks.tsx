// How one node and one link are drawn: the state by shape and line, and as a text.
import type { Places } from '../../cursor/circle.ts';
import { across, along, arrowHead, between, type Segment, strip } from '../../cursor/line.ts';
import { LINE_HEIGHT, type PlacedLabel } from '../../cursor/linkLabels.ts';
import type { TopologyLink, TopologyNode } from '../../cursor/topology.ts';
import { describeNode, nodeState } from '../../cursor/topologyTexts.ts';

export function NodeMark({
  node,
  places,
}: {
  readonly node: TopologyNode;
  readonly places: Places;
}) {
  const { x, y } = places.byId.get(node.id) ?? { x: 0, y: 0 };
  const r = places.nodeRadius;
  const state = nodeState(node);
  const { role, isAlive, isPaused, isFailed, isCutOff } = node;
  const classes = [
    'topology-node',
    `topology-${role}`,
    !isAlive && 'topology-dead',
    (isPaused || isFailed || isCutOff) && 'topology-unwell',
  ];
  return (
    <g class={classes.filter(Boolean).join(' ')} transform={`translate(${x} ${y})`}>
      {role === 'server' ? (
        <circle r={r} />
      ) : (
        <rect x={-r * 0.85} y={-r * 0.85} width={r * 1.7} height={r * 1.7} rx="4" />
      )}
      {!isAlive && <path d={`M${-r * 0.7} ${-r * 0.7}L${r * 0.7} ${r * 0.7}`} />}
      {isPaused && <path class="topology-pause" d={`M${-4} ${-r - 9}v7M4 ${-r - 9}v7`} />}
      <text y="0.36em">{node.id}</text>{' '}
      {state !== '' && (
        <text class="topology-state" y={r + 12}>
          {state}
        </text>
      )}
      <title>{describeNode(node)}</title>
    </g>
  );
}

interface LinkMarkProps {
  readonly link: TopologyLink;
  /** Its state in words. */
  readonly name: string;
  readonly places: Places;
}

export function LinkMark({ link, name, places }: LinkMarkProps) {
  const [a, b] = link.ends.map((id) => places.byId.get(id) ?? { x: 0, y: 0 });
  if (a === undefined || b === undefined) return null;
  const line = between(a, b, places.nodeRadius + 2);
  const isImpaired = link.isCut || link.muted.length > 0;
  const state = link.isCut ? 'cut' : isImpaired ? 'oneway' : 'whole';
  return (
    <g class={`topology-link topology-link-${state}`}>
      <polygon class="topology-hit" points={strip(line, 6)} />
      {state === 'whole' && <Line {...line} />}
      {state === 'cut' && <Gap line={line} />}
      {state === 'oneway' && <OneWay link={link} line={line} />}
      <title>{name}</title>
    </g>
  );
}

export function LabelMark({ label: { lines, at } }: { readonly label: PlacedLabel }) {
  const first = -((lines.length - 1) * LINE_HEIGHT) / 2;
  return (
    <text class="topology-label" transform={`translate(${at.x} ${at.y})`}>
      {lines.map((line, place) => (
        <tspan key={line} x="0" y={first + place * LINE_HEIGHT} dy="0.35em">
          {line}
        </tspan>
      ))}
    </text>
  );
}

/** Not in the middle, where links of opposite servers cross. */
const GAP = { begin: 0.37, end: 0.44 };

/** Dashed, with a gap between two bars. */
function Gap({ line }: { readonly line: Segment }) {
  return (
    <>
      <Line from={line.from} to={along(line, GAP.begin)} />
      <Line from={along(line, GAP.end)} to={line.to} />
      <Line className="topology-bar" {...across(line, GAP.begin, 5)} />
      <Line className="topology-bar" {...across(line, GAP.end, 5)} />
    </>
  );
}

/** An arrow where messages still arrive, a bar where they leave and get lost. */
function OneWay({ link, line }: { readonly link: TopologyLink; readonly line: Segment }) {
  const [first] = link.ends;
  const isMute = (end: number): boolean => link.muted.includes(end);
  const back = { from: line.to, to: line.from };
  return (
    <>
      <Line {...line} />
      {link.ends.map((end) => {
        const outgoing = end === first ? line : back;
        return isMute(end) ? (
          <Line key={end} className="topology-bar" {...across(outgoing, 0.14, 6)} />
        ) : (
          <polygon key={end} points={arrowHead(outgoing, 10)} />
        );
      })}
    </>
  );
}

function Line({ from, to, className }: Segment & { readonly className?: string }) {
  return <line class={className} x1={from.x} y1={from.y} x2={to.x} y2={to.y} />;
}
