// The outputs of the run in the editor: beside and below their lines, and no part of the text.
import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import {
  type EditorState,
  type Range,
  RangeSet,
  StateEffect,
  StateField,
  type Transaction,
} from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { type Arranged, arrange, isCut, type ShownText } from '../../script/arrange.ts';
import type { LineOutput } from '../../script/said.ts';

export type Outputs = ReadonlyMap<number, LineOutput>;

/** The outputs of a run of the text as it is now. */
export const setOutputs = StateEffect.define<Outputs>();
/** Shows all outputs of a line. */
const showWhole = StateEffect.define<number>();

interface Shown {
  readonly outputs: Outputs;
  readonly whole: ReadonlySet<number>;
  readonly decorations: DecorationSet;
}

const NONE: Shown = { outputs: new Map(), whole: new Set(), decorations: Decoration.none };

/** While the text is edited, the outputs of the former run move with their lines. */
export const outputField = StateField.define<Shown>({
  create: () => NONE,
  update: (shown, transaction) => {
    const { outputs, whole } = changed(shown, transaction);
    if (outputs !== shown.outputs || whole !== shown.whole) {
      return { outputs, whole, decorations: decorate(transaction.state, outputs, whole) };
    }
    if (!transaction.docChanged) return shown;
    return { ...shown, decorations: shown.decorations.map(transaction.changes) };
  },
  provide: (field) => EditorView.decorations.from(field, ({ decorations }) => decorations),
});

function changed({ outputs, whole }: Shown, { effects }: Transaction): Omit<Shown, 'decorations'> {
  let next = { outputs, whole };
  for (const effect of effects) {
    if (effect.is(setOutputs)) next = { outputs: effect.value, whole: new Set() };
    if (effect.is(showWhole)) next = { ...next, whole: new Set([...next.whole, effect.value]) };
  }
  return next;
}

function decorate({ doc }: EditorState, outputs: Outputs, whole: Shown['whole']): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  for (const [line, output] of outputs) {
    if (line < 1 || line > doc.lines) continue;
    const arranged = arrange(output, whole.has(line));
    const { to } = doc.line(line);
    if (arranged.beside.length > 0) {
      ranges.push(Decoration.widget({ widget: new Beside(line, arranged), side: 1 }).range(to));
    }
    if (arranged.below.length + arranged.remarks.length > 0) {
      const widget = new Below(line, arranged);
      ranges.push(Decoration.widget({ widget, side: 2, block: true }).range(to));
    }
  }
  return RangeSet.of(ranges, true);
}

/** Remarks on lines that are bad, or did not go well, as marks of the editor. */
export function markRemarks(state: EditorState, outputs: Outputs): Transaction {
  const { doc } = state;
  const diagnostics: Diagnostic[] = [];
  for (const [line, { remarks }] of outputs) {
    if (line < 1 || line > doc.lines) continue;
    const { from, to } = doc.line(line);
    for (const { severity, code, text } of remarks) {
      if (severity === 'info') continue;
      diagnostics.push({ from, to, severity, source: code, message: `${code}: ${text}` });
    }
  }
  return state.update(setDiagnostics(state, diagnostics));
}

abstract class OutputWidget extends WidgetType {
  protected readonly line: number;
  protected readonly arranged: Arranged;
  readonly #content: string;

  constructor(line: number, arranged: Arranged) {
    super();
    this.line = line;
    this.arranged = arranged;
    this.#content = JSON.stringify([line, arranged]);
  }

  override eq(other: OutputWidget): boolean {
    return this.#content === other.#content;
  }

  /** A click on the button is no click into the text. */
  override ignoreEvent(): boolean {
    return true;
  }

  /** A button that shows all, if something is left out. */
  protected addMore(element: HTMLElement, view: EditorView, isShowing: boolean): void {
    if (!isShowing) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'editor-more';
    button.textContent = this.#tellCut();
    button.onclick = () => view.dispatch({ effects: showWhole.of(this.line) });
    element.append(button);
  }

  #tellCut(): string {
    const { hidden, beside, below, remarks } = this.arranged;
    if (hidden > 0) return `${hidden} more`;
    const cut = [...beside, ...below, ...remarks].reduce((sum, shown) => sum + shown.cut, 0);
    return `${cut} more characters`;
  }
}

class Beside extends OutputWidget {
  override toDOM(view: EditorView): HTMLElement {
    const element = create('span', 'editor-beside');
    for (const answer of this.arranged.beside) element.append(showAnswer('span', answer));
    const { below, remarks } = this.arranged;
    this.addMore(element, view, isCut(this.arranged) && below.length + remarks.length === 0);
    return element;
  }
}

class Below extends OutputWidget {
  override toDOM(view: EditorView): HTMLElement {
    const element = create('div', 'editor-below');
    for (const answer of this.arranged.below) element.append(showAnswer('div', answer));
    for (const remark of this.arranged.remarks) {
      const row = create('div', `editor-remark editor-remark-${remark.severity}`);
      const code = create('span', 'editor-code');
      code.textContent = remark.code;
      row.append(code, ' ', toText(remark));
      element.append(row);
    }
    this.addMore(element, view, isCut(this.arranged));
    return element;
  }
}

/** Answers that are codes, such as `tea:ERR_KEY`. */
const CODE = /(?:^|:)ERR_[A-Z_]+$/;

function showAnswer(tag: 'span' | 'div', answer: ShownText): HTMLElement {
  const isCode = CODE.test(answer.text);
  const element = create(tag, isCode ? 'editor-answer editor-answer-code' : 'editor-answer');
  element.append(toText(answer));
  return element;
}

function toText({ text, cut }: ShownText): string {
  return cut === 0 ? text : `${text}…`;
}

function create(tag: string, className: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
