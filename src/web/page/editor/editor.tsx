// The script: its text, the answers beside the lines, and what it is run with.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { findCommand, protocolAfter, type Vocabulary } from '../../script/vocabulary.ts';
import type { Bench } from '../bench.ts';
import { listKeys } from '../keys.ts';
import { Controls } from './controls.tsx';
import { ScriptView } from './scriptView.ts';

listKeys('Script', [
  { keys: 'Ctrl+Space', does: 'shows what the word can become' },
  { keys: 'Ctrl+Z', does: 'undoes; Ctrl+Shift+Z does it again' },
  { keys: 'Ctrl+/', does: 'makes the line a comment, or a command again' },
  { keys: 'Alt+↑ ↓', does: 'moves the line' },
  { keys: 'F8', does: 'goes to the next bad line' },
]);

/** Undefined until the worker has told it; a report has none. */
const vocabulary = signal<Vocabulary | undefined>(undefined);

export function Editor({ bench }: { readonly bench: Bench }) {
  const place = useRef<HTMLDivElement>(null);
  const script = useRef<ScriptView>(undefined);
  useEffect(() => {
    if (place.current === null) return;
    const made = new ScriptView(bench, place.current);
    script.current = made;
    void bench.ask({ kind: 'words', id: 0 })?.then((answer) => {
      if (answer.kind !== 'words') return;
      vocabulary.value = answer.vocabulary;
      made.learn(answer.vocabulary);
    });
    return () => made.destroy();
  }, [bench]);
  return (
    <section class="editor" aria-label="Script">
      <Controls bench={bench} vocabulary={vocabulary.value} view={() => script.current?.view} />
      <div class="editor-place" ref={place} />
      <Usage bench={bench} />
    </section>
  );
}

/** How the command of the selected line is used. */
function Usage({ bench }: { readonly bench: Bench }) {
  const { script, protocol } = bench.source.value;
  const line = bench.line.value;
  const words = vocabulary.value;
  if (!bench.isEditable || words === undefined) return null;
  const lines = script.split('\n');
  const before = lines.slice(0, line ?? 0);
  const text = line === undefined ? '' : (lines[line - 1] ?? '');
  const command = findCommand(words, protocolAfter(before, protocol), text);
  return (
    <p class="editor-usage">
      {command === undefined ? (
        'Answers and notes appear beside their lines. Each edit runs the script again.'
      ) : (
        <>
          <code>{command.usage}</code> {command.about}
        </>
      )}
    </p>
  );
}
