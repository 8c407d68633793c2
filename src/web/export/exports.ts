// What a run can be taken out as: each export with its file's name, and what it left out.
import { buildModel, type Model } from '../picture/model.ts';
import type { RunView } from '../view.ts';
import { toDiagram } from './diagram.ts';
import { toMermaid } from './mermaid.ts';
import { toPlantUml } from './plantuml.ts';
import { toHistoryFile, toTraceFile } from './recordFiles.ts';
import { type Sequence, toSequence } from './sequence.ts';
import { toShiviz } from './shiviz.ts';

export interface ExportFile {
  readonly name: string;
  readonly type: string;
  readonly text: string;
  /** What is not in it, in a sentence; absent if all is. */
  readonly leftOut?: string;
}

export interface Export {
  readonly title: string;
  /** What it is good for. */
  readonly meaning: string;
  readonly make: (view: RunView) => ExportFile;
}

const JSON_LINES = 'application/jsonl';
const PLAIN = 'text/plain';

export const EXPORTS: readonly Export[] = [
  {
    title: 'Script',
    meaning: 'The text itself; the command line runs it.',
    make: ({ source }) => ({ name: 'script.txt', type: PLAIN, text: source.script }),
  },
  {
    title: 'Diagram (SVG)',
    meaning: 'The whole run as a picture, for a page or a slide.',
    make: (view) => ({
      ...{ name: 'diagram.svg', type: 'image/svg+xml', text: toDiagram(buildModel(view)) },
    }),
  },
  {
    title: 'Sequence (Mermaid)',
    meaning: 'What broke and what happened before it, for Markdown.',
    make: (view) => ({
      ...{ name: 'sequence.mmd', type: PLAIN },
      ...writeSequence(view, toMermaid),
    }),
  },
  {
    title: 'Sequence (PlantUML)',
    meaning: 'The same for PlantUML.',
    make: (view) => ({
      ...{ name: 'sequence.puml', type: PLAIN },
      ...writeSequence(view, toPlantUml),
    }),
  },
  {
    title: 'ShiViz log',
    meaning: 'Every event with its vector clock; ShiViz opens the file and draws it.',
    make: (view) => {
      const { text, leftOut } = toShiviz(buildModel(view));
      return {
        ...{ name: 'shiviz.log', type: PLAIN, text },
        ...(leftOut > 0 && { leftOut: `The last ${leftOut} events are left out.` }),
      };
    },
  },
  {
    title: 'Trace',
    meaning: 'Every event, one a line: what --trace writes.',
    make: (view) => ({ name: 'trace.jsonl', type: JSON_LINES, text: toTraceFile(view) }),
  },
  {
    title: 'History',
    meaning: 'Every operation, one a line: what --history writes, and check reads.',
    make: (view) => ({ name: 'history.jsonl', type: JSON_LINES, text: toHistoryFile(view) }),
  },
];

function writeSequence(
  view: RunView,
  write: (sequence: Sequence) => string,
): Pick<ExportFile, 'text' | 'leftOut'> {
  const model: Model = buildModel(view);
  const sequence = toSequence(model, view);
  const { leftOut } = sequence;
  return {
    text: write(sequence),
    ...(leftOut > 0 && { leftOut: `The first ${leftOut} steps are left out.` }),
  };
}
