// Puts events into words: for the line of text under the diagram, its table, and the search.
import type { TraceEvent } from '../../kernel/trace.ts';
import { escapeUnseen } from '../../language/printable.ts';
import type { Lane } from './model.ts';

/** Text of users as one line: what cannot be seen is escaped. */
export function showText(text: string): string {
  return escapeUnseen(text).replaceAll('\t', '\\t');
}

/** The text, cut to so many characters. */
export function cutText(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  return length < 2 ? '' : `${characters.slice(0, length - 1).join('')}…`;
}

export function nameLane({ node, role }: Lane): string {
  return node === 'master' ? 'service' : `${role} ${node}`;
}

/** `34.25 ms`, `12.5 s`. */
export function showTime(ms: number): string {
  if (ms < 10_000) return `${Number(ms.toFixed(3))} ms`;
  return `${Number((ms / 1000).toFixed(3))} s`;
}

/** What happened, without where and when. */
export function describeWhat(event: TraceEvent): string {
  switch (event.event) {
    case 'start':
      return `starts as a ${event.role}, life ${event.incarnation}`;
    case 'crash':
      return `life ${event.incarnation} ends`;
    case 'link':
      return `link to ${event.peer} made`;
    case 'cut':
      return `link to ${event.peer} cut`;
    case 'mute':
      return `nothing travels to ${event.peer} any more`;
    case 'pause':
      return 'pauses';
    case 'resume':
      return 'resumes';
    case 'note':
      return showText(`${event.label} ${JSON.stringify(event.detail)}`);
    default:
      return describeMessage(event);
  }
}

type MessageEvent = Extract<TraceEvent, { readonly message: string }>;

function describeMessage(event: MessageEvent): string {
  const what = `${event.method}${event.answers === undefined ? '' : ' (reply)'}`;
  const name = event.message;
  if (event.event === 'send') return showText(`sends ${what} to ${event.to}, message ${name}`);
  if (event.event === 'drop') {
    return showText(`loses ${what} to ${event.to}, message ${name}: ${event.why}`);
  }
  const late = event.late === true ? ', too late' : '';
  return showText(`receives ${what} from ${event.from}, message ${name}${late}`);
}

/** Where, when and what, as one sentence. */
export function describeEvent(event: TraceEvent, lane: Lane): string {
  const line = event.line === undefined ? '' : `, line ${event.line}`;
  return `${showTime(event.at)}: ${nameLane(lane)} ${describeWhat(event)}${line}`;
}
