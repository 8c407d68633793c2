// What a script is run with: protocol, seed, faults. And undo.
import { redo, undo } from '@codemirror/commands';
import type { EditorView } from '@codemirror/view';
import { useSignal } from '@preact/signals';
import { MOST_SEED, parseSeed } from '../../../kernel/seed.ts';
import { FAULTS_SYNTAX } from '../../../sim/faultText.ts';
import { protocolAfter, type Vocabulary } from '../../script/vocabulary.ts';
import { explainFaults } from '../../share/link.ts';
import type { Bench } from '../bench.ts';

interface ControlsProps {
  readonly bench: Bench;
  readonly vocabulary: Vocabulary | undefined;
  readonly view: () => EditorView | undefined;
}

export function Controls({ bench, vocabulary, view }: ControlsProps) {
  if (!bench.isEditable) return <Given bench={bench} />;
  return (
    <div class="editor-controls">
      <ProtocolChoice bench={bench} vocabulary={vocabulary} />
      <SeedField bench={bench} />
      <FaultsField bench={bench} />
      <div class="editor-steps">
        <StepButton label="Undo" sign="↶" onClick={() => step(undo, view())} />
        <StepButton label="Redo" sign="↷" onClick={() => step(redo, view())} />
      </div>
    </div>
  );
}

function step(command: typeof undo, view: EditorView | undefined): void {
  if (view !== undefined) command(view);
}

/** What a report was run with. */
function Given({ bench }: { readonly bench: Bench }) {
  const { seed, faults } = bench.source.value;
  const protocol = bench.view.value?.protocol ?? bench.source.value.protocol;
  return (
    <dl class="editor-given">
      <dt>Protocol</dt>
      <dd>{protocol}</dd>
      <dt>Seed</dt>
      <dd>{seed}</dd>
      <dt>Faults</dt>
      <dd>{faults === '' ? 'none' : faults}</dd>
    </dl>
  );
}

/** A script that names its protocol has no use for the choice. */
function ProtocolChoice({ bench, vocabulary = [] }: Omit<ControlsProps, 'view'>) {
  const { protocol, script } = bench.source.value;
  const named = protocolAfter(script.split('\n'), '');
  const shown = named === '' ? protocol : named;
  const known = vocabulary.map(({ name }) => name);
  const names = known.includes(shown) ? known : [...known, shown];
  return (
    <label class="editor-field">
      <span>Protocol</span>
      <select
        value={shown}
        disabled={named !== ''}
        title={named === '' ? 'of a script that names none' : 'The script names its protocol.'}
        onChange={({ currentTarget }) => bench.edit({ protocol: currentTarget.value })}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function SeedField({ bench }: { readonly bench: Bench }) {
  const { seed } = bench.source.value;
  const wrong = useSignal(false);
  const read = (text: string): void => {
    const given = parseSeed(text);
    wrong.value = given === undefined;
    if (given !== undefined && given !== seed) bench.edit({ seed: given });
  };
  return (
    <div class="editor-field editor-seed">
      <label for="editor-seed">Seed</label>
      <span>
        <input
          id="editor-seed"
          type="number"
          min={0}
          max={MOST_SEED}
          step={1}
          value={seed}
          aria-invalid={wrong.value}
          aria-describedby={wrong.value ? 'editor-seed-wrong' : undefined}
          onInput={({ currentTarget }) => read(currentTarget.value)}
        />
        <StepButton
          label="Next seed"
          sign="+"
          onClick={() => {
            wrong.value = false;
            bench.edit({ seed: seed === MOST_SEED ? 0 : seed + 1 });
          }}
        />
      </span>
      {wrong.value && (
        <p id="editor-seed-wrong" class="editor-wrong" role="alert">
          A seed is a whole number from 0 to {MOST_SEED}.
        </p>
      )}
    </div>
  );
}

function FaultsField({ bench }: { readonly bench: Bench }) {
  const { faults } = bench.source.value;
  const written = useSignal({ of: faults, text: faults });
  // Another part of the page may have given other faults.
  const text = written.value.of === faults ? written.value.text : faults;
  const why = explainFaults(text.trim());
  return (
    <div class="editor-field editor-faults">
      <label for="editor-faults">Faults</label>
      <input
        id="editor-faults"
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder="none"
        value={text}
        aria-invalid={why !== undefined}
        aria-describedby={why === undefined ? 'editor-faults-hint' : 'editor-faults-wrong'}
        onInput={({ currentTarget }) => {
          const given = currentTarget.value;
          const isRight = explainFaults(given.trim()) === undefined;
          if (isRight) bench.edit({ faults: given.trim() });
          written.value = { of: isRight ? given.trim() : faults, text: given };
        }}
      />
      {why === undefined ? (
        <p id="editor-faults-hint" class="editor-hint">
          For example <code>{FAULTS_SYNTAX}</code>
        </p>
      ) : (
        <p id="editor-faults-wrong" class="editor-wrong" role="alert">
          {why}
        </p>
      )}
    </div>
  );
}

interface StepButtonProps {
  readonly label: string;
  readonly sign: string;
  readonly onClick: () => void;
}

function StepButton({ label, sign, onClick }: StepButtonProps) {
  return (
    <button type="button" class="editor-step" aria-label={label} title={label} onClick={onClick}>
      <span aria-hidden="true">{sign}</span>
    </button>
  );
}
