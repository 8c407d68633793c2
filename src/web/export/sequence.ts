// What a sequence diagram of a run tells: the operations that broke a level, and all that happened
// before them. Mermaid and PlantUML are two ways to write it.

import type { TraceEvent } from '../../kernel/trace.ts';
import { RELATION, relateTo } from '../picture/causality.ts';
import { KIND, type Lane, type Model, NONE } from '../picture/model.ts';
import { isRead, showOperation } from '../picture/operationText.ts';
import { cutText, describeWhat, showText } from '../picture/text.ts';
import type { RunView, Witness } from '../view.ts';

/** More would be no picture that a person reads. */
const MOST_STEPS = 120;
const MOST_CHARACTERS = 120;

export type Step =
  | {
      readonly kind: 'message';
      readonly from: number;
      readonly to: number;
      readonly text: string;
      readonly isReply: boolean;
      readonly isLost: boolean;
    }
  | {
      readonly kind: 'note';
      /** One lane, or two that it lies over. */
      readonly lanes: readonly number[];
      readonly text: string;
      /** Whether it is an operation of the witness. */
      readonly isWitness: boolean;
    };

export interface Sequence {
  readonly title: string;
  /** The verdict; undefined if nothing is broken. */
  readonly sentence: string | undefined;
  /** Each with its number, by which steps name it. */
  readonly participants: readonly { readonly number: number; readonly lane: Lane }[];
  readonly steps: readonly Step[];
  /** How many steps before the first one are not in it. */
  readonly leftOut: number;
}

/** Of a run that broke nothing: all of it. A message stands where it arrived. */
export function toSequence(
  model: Model,
  { verdict: { witness } }: Pick<RunView, 'verdict'>,
  most = MOST_STEPS,
): Sequence {
  const isIn = witness === null ? () => true : selectPast(model, witness);
  const notes = noteOperations(model, witness);
  const last = lastOf(model, witness);
  const links = new BrokenLinks();
  const all = Array.from({ length: last + 1 }, (_, index) => index).flatMap((index) => {
    const isShown = links.isNews(model.events[index]) && isTold(model, index, isIn);
    const step = isShown ? toStep(model, index) : undefined;
    const own = isIn(index) ? (notes.get(index) ?? []) : [];
    return step === undefined ? own : [...own, step];
  });
  const steps = all.slice(-most);
  const used = new Set(steps.flatMap((step) => lanesOf(step)));
  const participants = model.lanes
    .map((lane, number) => ({ number, lane }))
    .filter(({ number }) => used.has(number));
  return {
    title: witness === null ? 'The run' : `${witness.level} is broken`,
    sentence: witness === null ? undefined : showText(witness.sentence),
    ...{ participants, steps, leftOut: all.length - steps.length },
  };
}

/** The events of the witness's operations, and those before them. */
function selectPast(model: Model, { operations }: Witness): (index: number) => boolean {
  const isIn = new Uint8Array(model.events.length);
  for (const operation of operations) {
    for (const ends of [model.operations.begin, model.operations.end]) {
      const event = ends[operation] ?? NONE;
      if (event === NONE) continue;
      for (const [index, relation] of relateTo(model, event).entries()) {
        if (relation === RELATION.past || relation === RELATION.self) isIn[index] = 1;
      }
    }
  }
  return (index) => isIn[index] === 1;
}

function lastOf({ events, operations }: Model, witness: Witness | null): number {
  if (witness === null) return events.length - 1;
  const ends = witness.operations.flatMap((operation) => [
    operations.begin[operation] ?? NONE,
    operations.end[operation] ?? NONE,
  ]);
  return Math.max(NONE, ...ends);
}

/** External events and losses lie before no other event, and yet they explain what happens. */
function isTold(model: Model, index: number, isIn: (index: number) => boolean): boolean {
  const { kind, sendOf, isControl } = model;
  if (isControl[index] === 1) return false;
  if (kind[index] === KIND.drop) return isIn(sendOf[index] as number);
  return kind[index] !== KIND.start && (isIn(index) || isExternal(kind[index]));
}

function isExternal(kind: number | undefined): boolean {
  return (
    kind === KIND.link ||
    kind === KIND.cut ||
    kind === KIND.mute ||
    kind === KIND.pause ||
    kind === KIND.resume
  );
}

function toStep(model: Model, index: number): Step | undefined {
  const event = model.events[index];
  const lane = model.lane[index] as number;
  if (event === undefined) return undefined;
  switch (event.event) {
    case 'send':
      return undefined;
    case 'receive':
    case 'drop': {
      const isLost = event.event === 'drop';
      const from = isLost ? lane : laneOf(model, event.from);
      const to = isLost ? laneOf(model, event.to) : lane;
      if (from === undefined || to === undefined) return undefined;
      const why = isLost ? `: ${event.why}` : '';
      const text = shorten(`${event.method}${why}`);
      return { kind: 'message', from, to, text, isReply: event.answers !== undefined, isLost };
    }
    case 'link':
    case 'cut':
    case 'mute': {
      const peer = laneOf(model, event.peer);
      const lanes = peer === undefined ? [lane] : [lane, peer];
      const text = withLine(describeLink(event.event, event), event.line);
      return { kind: 'note', lanes: lanes.toSorted((a, b) => a - b), text, ...PLAIN };
    }
    default:
      return { kind: 'note', lanes: [lane], text: shorten(describeWhat(event)), ...PLAIN };
  }
}

/** A link that is made at a join is no news; one that is restored is. */
class BrokenLinks {
  readonly #broken = new Set<string>();

  isNews(event: TraceEvent | undefined): boolean {
    if (event === undefined || !('peer' in event)) return true;
    const pair = [event.node, event.peer].sort((a, b) => a - b).join();
    if (event.event === 'link') return this.#broken.delete(pair);
    this.#broken.add(pair);
    return true;
  }
}

interface Ends {
  readonly node: Lane['node'];
  readonly peer: Lane['node'];
}

function describeLink(event: 'link' | 'cut' | 'mute', { node, peer }: Ends): string {
  if (event === 'mute') return `nothing travels from ${node} to ${peer} any more`;
  return event === 'link' ? 'link restored' : 'link cut';
}

const PLAIN = { isWitness: false } as const;

/** By event: a write where it begins, a read where its answer is known. */
function noteOperations(model: Model, witness: Witness | null): Map<number, Step[]> {
  const notes = new Map<number, Step[]>();
  for (const [index, operation] of model.history.entries()) {
    const { begin, end } = model.operations;
    const ends = [begin[index] ?? NONE, end[index] ?? NONE] as const;
    const at = (isRead(operation) && ends[1] !== NONE) || ends[0] === NONE ? ends[1] : ends[0];
    const lane = model.laneByNode.get(operation.session);
    if (at === NONE || lane === undefined) continue;
    const text = withLine(shorten(showOperation(operation)), operation.line);
    const isWitness = witness?.operations.includes(index) ?? false;
    const own = notes.get(at) ?? [];
    own.push({ kind: 'note', lanes: [lane], text, isWitness });
    notes.set(at, own);
  }
  return notes;
}

function withLine(text: string, line: number | undefined): string {
  return line === undefined ? text : `${text} (line ${line})`;
}

function shorten(text: string): string {
  return cutText(showText(text), MOST_CHARACTERS);
}

function laneOf({ laneByNode }: Model, node: Lane['node']): number | undefined {
  return laneByNode.get(node);
}

function lanesOf(step: Step): readonly number[] {
  return step.kind === 'message' ? [step.from, step.to] : step.lanes;
}
