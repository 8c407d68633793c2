// A sequence diagram in the notation of Mermaid: https://mermaid.js.org/syntax/sequenceDiagram.html
import { nameLane } from '../picture/text.ts';
import type { Sequence, Step } from './sequence.ts';

export function toMermaid({ title, sentence, ...sequence }: Sequence): string {
  const { participants, steps, leftOut } = sequence;
  const lines = [
    'sequenceDiagram',
    ...(sentence === undefined ? [] : [`  %% ${escapeText(sentence)}`]),
    `  title: ${escapeText(title)}`,
    ...participants.map(
      ({ number, lane }) => `  participant n${number} as ${escapeText(nameLane(lane))}`,
    ),
  ];
  const [first] = participants;
  if (leftOut > 0 && first !== undefined) {
    lines.push(`  Note over n${first.number}: ${leftOut} earlier steps are left out`);
  }
  lines.push(...steps.map((step) => `  ${toLine(step)}`));
  return `${lines.join('\n')}\n`;
}

function toLine(step: Step): string {
  if (step.kind === 'message') {
    const { from, to, text, isReply, isLost } = step;
    const lost = isReply ? '--x' : '-x';
    const arrow = isLost ? lost : isReply ? '-->>' : '->>';
    return `n${from}${arrow}n${to}: ${escapeText(text)}`;
  }
  const over = step.lanes.map((number) => `n${number}`).join(',');
  const mark = step.isWitness ? '(!) ' : '';
  return `Note over ${over}: ${escapeText(`${mark}${step.text}`)}`;
}

/**
 * Every character that means something to Mermaid, or to the browser that shows its picture, as an
 * entity. The text must be one line.
 */
function escapeText(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,()=/_|-]/gu, (character) => `#${character.codePointAt(0)};`);
}
