// Marked lines: those that show what is broken, the selected one, and the cause of the event at the
// cursor. Each has a sign at the left besides its colour.
import { type EditorState, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, GutterMarker, gutter } from '@codemirror/view';

export interface Marks {
  readonly witness: readonly number[];
  readonly selected: number | undefined;
  readonly cause: number | undefined;
}

export const setMarks = StateEffect.define<Partial<Marks>>();

const marksField = StateField.define<Marks>({
  create: () => ({ witness: [], selected: undefined, cause: undefined }),
  update: (marks, { effects }) => {
    let next = marks;
    for (const effect of effects) if (effect.is(setMarks)) next = { ...next, ...effect.value };
    return next;
  },
});

const LINE = {
  witness: Decoration.line({ class: 'editor-witness' }),
  selected: Decoration.line({ class: 'editor-selected' }),
  cause: Decoration.line({ class: 'editor-cause' }),
};

function decorate(state: EditorState) {
  const { witness, selected, cause } = state.field(marksField);
  const wanted = [
    ...witness.map((line) => ({ line, mark: LINE.witness })),
    { line: selected, mark: LINE.selected },
    { line: cause, mark: LINE.cause },
  ];
  const ranges = wanted.flatMap(({ line, mark }) => {
    if (line === undefined || line < 1 || line > state.doc.lines) return [];
    return [mark.range(state.doc.line(line).from)];
  });
  return Decoration.set(ranges, true);
}

class Sign extends GutterMarker {
  readonly #text: string;
  readonly #title: string;

  constructor(text: string, title: string, className: string) {
    super();
    this.#text = text;
    this.#title = title;
    this.elementClass = className;
  }

  override toDOM(): Node {
    const element = document.createElement('span');
    element.textContent = this.#text;
    element.title = this.#title;
    return element;
  }
}

const WITNESS = new Sign('◆', 'shows what is broken', 'editor-sign-witness');
const CAUSE = new Sign('▸', 'caused the event at the cursor', 'editor-sign-cause');

export const marks = [
  marksField,
  EditorView.decorations.compute([marksField, 'doc'], decorate),
  gutter({
    class: 'editor-signs',
    lineMarker: ({ state }, { from }) => {
      const { witness, cause } = state.field(marksField);
      const line = state.doc.lineAt(from).number;
      if (witness.includes(line)) return WITNESS;
      return cause === line ? CAUSE : null;
    },
    lineMarkerChange: ({ startState, state }) =>
      startState.field(marksField) !== state.field(marksField),
    initialSpacer: () => WITNESS,
  }),
];
