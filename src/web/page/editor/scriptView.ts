// The editor of the script, bound to the bench: edits change the source; the run's outputs, marks
// and lines come back.
import { closeCompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { lintKeymap } from '@codemirror/lint';
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  type ViewUpdate,
} from '@codemirror/view';
import { effect } from '@preact/signals';
import { groupByLine } from '../../script/said.ts';
import { findChange } from '../../script/textChange.ts';
import { toKindTable } from '../../script/tokens.ts';
import type { Vocabulary } from '../../script/vocabulary.ts';
import { toScript } from '../../share/link.ts';
import type { RunView } from '../../view.ts';
import type { Bench } from '../bench.ts';
import { completion } from './completion.ts';
import { highlight } from './highlight.ts';
import { type Marks, marks, setMarks } from './marks.ts';
import { markRemarks, outputField, setOutputs } from './outputs.ts';

/** A change that came from the bench, and does not go back to it. */
const fromBench = Annotation.define<true>();

/** Change the direction of the text, or are not seen; the editor shows a sign for each. */
const UNSEEN = /[\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069]/g;

export class ScriptView {
  readonly view: EditorView;
  readonly #bench: Bench;
  readonly #language = new Compartment();
  readonly #ends: (() => void)[];
  /** Whether a report has shown the lines that broke a level. */
  #hasOpened = false;

  constructor(bench: Bench, parent: HTMLElement) {
    this.#bench = bench;
    const doc = bench.source.value.script;
    this.view = new EditorView({
      parent,
      state: EditorState.create({ doc, extensions: this.#extensions() }),
    });
    this.#ends = [
      // The script first: a live run changes both at once, and outputs need the lines they are of.
      effect(() => {
        this.#showScript(bench.source.value.script);
        if (bench.view.value !== undefined) this.#showRun(bench.view.value);
      }),
      effect(() => this.#showLine(bench.line.value)),
      effect(() => {
        bench.view.value;
        bench.cursor.value;
        this.#showCause(bench.lineAtCursor());
      }),
    ];
  }

  destroy(): void {
    for (const end of this.#ends) end();
    this.view.destroy();
  }

  /** Colours the script by these words. */
  learn(vocabulary: Vocabulary): void {
    const language = highlight(toKindTable(vocabulary));
    this.view.dispatch({ effects: this.#language.reconfigure(language) });
  }

  #extensions(): Extension[] {
    const { isEditable } = this.#bench;
    return [
      lineNumbers(),
      marks,
      outputField,
      highlightSpecialChars({ addSpecialChars: UNSEEN }),
      drawSelection(),
      EditorView.lineWrapping,
      this.#language.of(highlight(undefined)),
      isEditable ? [history(), completion(this.#bench)] : readOnly(),
      keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
      EditorView.contentAttributes.of({
        'aria-label': 'Script',
        spellcheck: 'false',
        tabindex: '0',
      }),
      EditorView.updateListener.of((update) => this.#updated(update)),
      EditorView.domEventHandlers({ blur: (_event, view) => closeCompletion(view) }),
    ];
  }

  #updated(update: ViewUpdate): void {
    const { state, transactions } = update;
    if (transactions.some((one) => one.annotation(fromBench))) return;
    const line = state.doc.lineAt(state.selection.main.head).number;
    if (update.docChanged) {
      this.#bench.line.value = line;
      this.#bench.edit({ script: state.doc.toString() });
    } else if (update.selectionSet && line !== this.#bench.line.value) {
      this.#bench.selectLine(line);
    }
  }

  /** Another part of the page has changed the text: it can be undone like any other change. */
  #showScript(script: string): void {
    const change = findChange(this.view.state.doc.toString(), toScript(script));
    if (change === undefined) return;
    this.view.dispatch({ changes: change, annotations: fromBench.of(true), scrollIntoView: false });
  }

  /** The outputs of another text would stand at wrong lines; those of this one are on their way. */
  #showRun({ source, said, verdict }: RunView): void {
    if (toScript(source.script) !== this.view.state.doc.toString()) return;
    const outputs = groupByLine(said);
    const witness = verdict.witness?.lines ?? [];
    this.view.dispatch({ effects: [setOutputs.of(outputs), setMarks.of({ witness })] });
    this.view.dispatch(markRemarks(this.view.state, outputs));
    const [first] = witness;
    if (this.#bench.kind !== 'report' || this.#hasOpened || first === undefined) return;
    // Comments at the beginning of a script may fill the view.
    this.#hasOpened = true;
    this.#reveal(first, 'start');
  }

  #showLine(selected: number | undefined): void {
    this.#mark({ selected });
    const { doc, selection } = this.view.state;
    if (selected === undefined || selected < 1 || selected > doc.lines) return;
    if (doc.lineAt(selection.main.head).number === selected) return;
    this.#reveal(selected);
  }

  #showCause(cause: number | undefined): void {
    this.#mark({ cause });
    const { cursor, view } = this.#bench;
    const isAtEnd = cursor.peek() === (view.peek()?.events.length ?? 0);
    if (cause !== undefined && !isAtEnd && !this.view.hasFocus) this.#reveal(cause);
  }

  #mark(change: Partial<Marks>): void {
    this.view.dispatch({ effects: setMarks.of(change) });
  }

  #reveal(line: number, y: 'nearest' | 'start' = 'nearest'): void {
    const { doc } = this.view.state;
    if (line > doc.lines) return;
    const effects = EditorView.scrollIntoView(doc.line(line).from, { y, yMargin: 48 });
    this.view.dispatch({ effects });
  }
}

/** Lines can still be selected, by mouse and by keys. */
function readOnly(): Extension {
  return [
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-readonly': 'true' }),
  ];
}
