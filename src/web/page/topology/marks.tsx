// How one node and one link are drawn: the state by shape and line, and as a text.
import type { Places } from '../../cursor/circle.ts';
import { across, arrowHead, between, type Segment } from '../../cursor/line.ts';
import type { TopologyLink, TopologyNode } from '../../cursor/topology.ts';
import { linkState, nodeState } from '../../cursor/topologyTexts.ts';

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
      <text y="0.36em">{node.id}</text>
      {state !== '' && (
        <text class="topology-state" y={r + 12}>
          {state}
        </text>
      )}
      <title>{`${role} ${node.id}, life ${node.incarnation}${state && `, ${state}`}`}</title>
    </g>
  );
}

export function LinkMark({
  link,
  places,
}: {
  readonly link: TopologyLink;
  readonly places: Places;
}) {
  const [a, b] = link.ends.map((id) => places.byId.get(id) ?? { x: 0, y: 0 });
  if (a === undefined || b === undefined) return null;
  const line = between(a, b, places.nodeRadius + 2);
  const isImpaired = link.isCut || link.muted.length > 0;
  const state = link.isCut ? 'cut' : isImpaired ? 'oneway' : 'whole';
  return (
    <g class={`topology-link topology-link-${state}`}>
      <Line className="topology-hit" {...line} />
      {state === 'whole' && <Line {...line} />}
      {state === 'cut' && <Gap line={line} />}
      {state === 'oneway' && <OneWay link={link} line={line} />}
      <title>{`${link.ends.join('\u2013')}: ${linkState(link)}`}</title>
    </g>
  );
}

/** Dashed, with a gap between two bars. */
function Gap({ line }: { readonly line: Segment }) {
  const half = (from: Segment['from'], to: Segment['to']): Segment => ({
    from,
    to: { x: from.x + (to.x - from.x) * 0.46, y: from.y + (to.y - from.y) * 0.46 },
  });
  return (
    <>
      <Line {...half(line.from, line.to)} />
      <Line {...half(line.to, line.from)} />
      <Line className="topology-bar" {...across(line, 0.46, 5)} />
      <Line className="topology-bar" {...across(line, 0.54, 5)} />
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
