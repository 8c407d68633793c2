// The form of a configuration, and its launch.
import { type Field, setProtocol, setText } from '../../times/form.ts';
import type { Sheet } from '../../times/sheet.ts';
import type { RequestsModel } from './model.ts';

interface Props {
  readonly model: RequestsModel;
}

export function Configuration({ model }: Props) {
  const sheet = model.sheet.value;
  if (sheet === undefined) return null;
  const { problems, claims } = sheet;
  const submit = (event: Event): void => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    if (problems.length === 0) void model.launch();
    else form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  return (
    <form class="requests-form" onSubmit={submit} noValidate>
      <h3>Configuration</h3>
      <div class="requests-fields">
        <ProtocolField model={model} sheet={sheet} />
        <Fields model={model} sheet={sheet} part="main" />
        <Fields model={model} sheet={sheet} part="links" />
      </div>
      <details class="requests-more">
        <summary>More options</summary>
        <div class="requests-fields">
          <Fields model={model} sheet={sheet} part="more" />
        </div>
      </details>
      <p class="requests-launch">
        <button
          type="submit"
          class="shell-button shell-button-main"
          aria-disabled={model.progress.value !== undefined}
        >
          {model.launched.value === undefined ? 'Launch' : 'Launch anew'}
        </button>
        <output class={problems.length === 0 ? 'requests-fits' : 'requests-problem'}>
          {problems.length === 0
            ? `Fits together. Keeps ${claims}.`
            : tellProblems(problems.length)}
        </output>
      </p>
    </form>
  );
}

function tellProblems(count: number): string {
  return count === 1 ? 'One field does not fit.' : `${count} fields do not fit.`;
}

interface SheetProps extends Props {
  readonly sheet: Sheet;
}

function ProtocolField({ model, sheet }: SheetProps) {
  const { protocol } = model.form.value;
  return (
    <label class="requests-field">
      <span>Protocol</span>
      <select
        value={protocol}
        onChange={({ currentTarget }) => {
          model.form.value = setProtocol(model.form.value, currentTarget.value);
        }}
      >
        {sheet.protocols.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function Fields({ model, sheet, part }: SheetProps & { readonly part: Field['part'] }) {
  return (
    <>
      {sheet.fields
        .filter((field) => field.part === part)
        .map((field) => (
          <OneField key={field.id} model={model} sheet={sheet} field={field} />
        ))}
    </>
  );
}

/** The fields of switches: a word for on, and one for off. */
const SWITCH = new Set(['on', 'off']);

function OneField({ model, sheet, field }: SheetProps & { readonly field: Field }) {
  const { id, label, about, choices } = field;
  // What a person has typed since is in the form; the sheet follows.
  const text = model.form.value.texts[id] ?? field.text;
  const problem = sheet.problems.find((one) => one.field === id)?.text;
  const set = (value: string): void => {
    model.form.value = setText(model.form.value, id, value);
  };
  const common = {
    id: `requests-${id}`,
    'aria-invalid': problem !== undefined,
    'aria-describedby': problem === undefined ? undefined : `requests-problem-${id}`,
  };
  if (choices?.every((choice) => SWITCH.has(choice))) {
    return (
      <label class="requests-field requests-switch" title={about}>
        <input
          type="checkbox"
          checked={text === 'on'}
          onChange={({ currentTarget }) => set(currentTarget.checked ? 'on' : 'off')}
        />
        <span>{label}</span>
      </label>
    );
  }
  return (
    <div class="requests-field" title={about}>
      <label for={common.id}>{label}</label>
      {choices === undefined ? (
        <input
          {...common}
          value={text}
          placeholder={field.whenEmpty}
          inputMode={field.isNumber ? 'numeric' : undefined}
          autoComplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => set(currentTarget.value)}
        />
      ) : (
        <select {...common} value={text} onChange={({ currentTarget }) => set(currentTarget.value)}>
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      )}
      {problem !== undefined && (
        <small class="requests-problem" id={`requests-problem-${id}`}>
          {problem}
        </small>
      )}
    </div>
  );
}
