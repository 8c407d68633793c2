// A sequence diagram in the notation of PlantUML: https://plantuml.com/sequence-diagram
import { nameLane } from '../picture/text.ts';
import type { Sequence, Step } from './sequence.ts';

export function toPlantUml({ title, sentence, ...sequence }: Sequence): string {
  const { participants, steps, leftOut } = sequence;
  const lines = [
    '@startuml',
    ...(sentence === undefined ? [] : [`' ${escapeText(sentence)}`]),
    `title ${escapeText(title)}`,
    ...participants.map(({ number, lane }) => `participant "${nameLane(lane)}" as n${number}`),
  ];
  const [first] = participants;
  if (leftOut > 0 && first !== undefined) {
    lines.push(`note over n${first.number} : ${leftOut} earlier steps are left out`);
  }
  lines.push(...steps.map(toLine), '@enduml');
  return `${lines.join('\n')}\n`;
}

function toLine(step: Step): string {
  if (step.kind === 'message') {
    const { from, to, text, isReply, isLost } = step;
    return `n${from} ${isReply ? '--' : '-'}>${isLost ? 'x' : ''} n${to} : ${escapeText(text)}`;
  }
  const over = step.lanes.map((number) => `n${number}`).join(', ');
  const colour = step.isWitness ? ' #FFCDD2' : '';
  const mark = step.isWitness ? '(!) ' : '';
  return `note over ${over}${colour} : ${escapeText(`${mark}${step.text}`)}`;
}

/** Every character that may be markup, as an entity. The text must be one line. */
function escapeText(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,()-]|--/gu, (characters) =>
    Array.from(characters, (one) => `&#${one.codePointAt(0)};`).join(''),
  );
}
