// A run as a log that ShiViz draws (Beschastnikh et al., "Debugging Distributed Systems", ACM Queue
// 2016): each event with its vector clock, which is computed from the trace. The first line is the
// regular expression that reads the rest. The second line would divide several runs; it is empty.
import { KIND, type Model, NONE } from '../picture/model.ts';
import { describeWhat, nameLane } from '../picture/text.ts';

export const SHIVIZ_PATTERN = '(?<host>\\S+) (?<clock>\\{[^}]*\\}) (?<event>.*)';

/** ShiViz draws every event: it stands no more than this. */
const MOST_EVENTS = 10_000;

export interface ShivizLog {
  readonly text: string;
  /** How many events at the end of the run are not in it. */
  readonly leftOut: number;
}

/**
 * A host is one life of a node, since the order of events is that of a life. External events, such
 * as cuts, have no clock, so they are left out; a loss is told where the message was sent.
 */
export function toShiviz(model: Model, most = MOST_EVENTS): ShivizLog {
  const clocks = new Map<number, Map<string, number>>();
  const lines = [SHIVIZ_PATTERN, ''];
  let taken = 0;
  let leftOut = 0;
  for (const index of model.events.keys()) {
    if (isExternal(model, index)) continue;
    if (taken === most) {
      leftOut += 1;
      continue;
    }
    taken += 1;
    const host = nameHost(model, index);
    const clock = joinClocks(model, index, clocks);
    clock.set(host, (clock.get(host) ?? 0) + 1);
    clocks.set(index, clock);
    lines.push(`${host} ${JSON.stringify(Object.fromEntries(clock))} ${describe(model, index)}`);
  }
  return { text: `${lines.join('\n')}\n`, leftOut };
}

/** What is known from the event before it, and with the message that it receives. */
function joinClocks(
  { previous, sendOf }: Model,
  index: number,
  clocks: ReadonlyMap<number, Map<string, number>>,
): Map<string, number> {
  const joined = new Map(clocks.get(previous[index] as number));
  for (const [host, count] of clocks.get(sendOf[index] as number) ?? []) {
    joined.set(host, Math.max(count, joined.get(host) ?? 0));
  }
  return joined;
}

/** It takes no step of a clock. */
function isExternal({ kind }: Model, index: number): boolean {
  const own = kind[index];
  return !(
    own === KIND.start ||
    own === KIND.crash ||
    own === KIND.send ||
    own === KIND.receive ||
    own === KIND.note
  );
}

function nameHost({ events, lanes, lane }: Model, index: number): string {
  const own = lanes[lane[index] as number];
  if (own === undefined) return 'unknown';
  const life = events[index]?.incarnation ?? 1;
  const name = nameLane(own).replace(' ', '-');
  return life > 1 ? `${name}.${life}` : name;
}

function describe({ events, arrival, kind }: Model, index: number): string {
  const event = events[index];
  if (event === undefined) return '';
  const what = describeWhat(event);
  if (kind[index] !== KIND.send) return what;
  let lost = '';
  for (let at = arrival[index] as number; at !== NONE; at = arrival[at] as number) {
    const end = events[at];
    if (end?.event === 'drop') lost = ` (${end.why})`;
  }
  return `${what}${lost}`;
}
