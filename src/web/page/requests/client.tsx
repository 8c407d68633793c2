// The client of a configuration that runs: sends requests, and shows their answers and times.
import { useSignal } from '@preact/signals';
import type { Operation, RequestTexts } from '../../times/requests.ts';
import { Answers } from './answers.tsx';
import { Curves } from './curves.tsx';
import type { RequestsModel } from './model.ts';

interface Props {
  readonly model: RequestsModel;
}

const WAIT_MS = 1_000;

export function Client({ model }: Props) {
  const launch = model.launched.value;
  if (launch === undefined) {
    return (
      <div class="requests-client">
        <p class="requests-hint">
          Launch a configuration. Then send it gets and puts, each to a random server, and look at
          the answers and at how long they took.
        </p>
        <Curves model={model} />
      </div>
    );
  }
  return (
    <div class="requests-client">
      <h3>
        Client of <span class="requests-name">{launch.name}</span>
      </h3>
      <p class="requests-hint">
        Time of the simulation: {(model.now.value / 1_000).toFixed(3)} s. It passes while requests
        are under way.
      </p>
      <div class="requests-fields">
        <TextField model={model} id="key" label="Key" />
        <TextField model={model} id="value" label="Value" />
        <TextField model={model} id="count" label="Number of requests" />
        <TextField model={model} id="atOnce" label="At once" />
      </div>
      <Buttons model={model} />
      <UnderWay model={model} />
      <Answers answers={model.answers.value} />
      <Curves model={model} />
    </div>
  );
}

/** "As a script" takes the operation that was sent last. */
function Buttons({ model }: Props) {
  const last = useSignal<Operation>('get');
  const isBusy = model.progress.value !== undefined;
  const send = (operation: Operation): void => {
    last.value = operation;
    void model.send(operation);
  };
  return (
    <div class="requests-buttons">
      <Send label="GET" operation="get" isBusy={isBusy} send={send} />
      <Send label="PUT" operation="put" isBusy={isBusy} send={send} />
      <Send label="PUT, then GET" operation="pair" isBusy={isBusy} send={send} />
      <label class="requests-switch">
        <input
          type="checkbox"
          checked={model.isClearing.value}
          onChange={({ currentTarget }) => {
            model.isClearing.value = currentTarget.checked;
          }}
        />
        <span>Clear plot</span>
      </label>
      <button
        type="button"
        class="shell-button"
        aria-disabled={isBusy}
        onClick={() => model.wait(WAIT_MS)}
      >
        Wait 1 s
      </button>
      <button
        type="button"
        class="shell-button"
        aria-disabled={isBusy}
        onClick={() => model.toEditor(last.value)}
      >
        As a script
      </button>
    </div>
  );
}

interface SendProps {
  readonly label: string;
  readonly operation: Operation;
  readonly isBusy: boolean;
  readonly send: (operation: Operation) => void;
}

/** It stays focusable while it does nothing. */
function Send({ label, operation, isBusy, send }: SendProps) {
  return (
    <button
      type="button"
      class="shell-button shell-button-main"
      aria-disabled={isBusy}
      onClick={() => send(operation)}
    >
      {label}
    </button>
  );
}

function UnderWay({ model }: Props) {
  const progress = model.progress.value;
  if (progress === undefined || progress.of <= 1) return null;
  return (
    <p class="requests-progress">
      <progress max={progress.of} value={progress.done} aria-label="Requests that have ended" />
      <span>
        {progress.done} of {progress.of}
      </span>
      <button type="button" class="shell-button" onClick={() => model.stop()}>
        Stop
      </button>
    </p>
  );
}

interface TextFieldProps extends Props {
  readonly id: keyof RequestTexts;
  readonly label: string;
}

function TextField({ model, id, label }: TextFieldProps) {
  const problem = model.problems.value.find(({ field }) => field === id)?.text;
  const isNumber = id === 'count' || id === 'atOnce';
  return (
    <label class="requests-field">
      <span>{label}</span>
      <input
        value={model.texts.value[id]}
        inputMode={isNumber ? 'numeric' : undefined}
        autoComplete="off"
        spellcheck={false}
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : `requests-problem-${id}`}
        onInput={({ currentTarget }) => {
          model.texts.value = { ...model.texts.value, [id]: currentTarget.value };
        }}
      />
      {problem !== undefined && (
        <small class="requests-problem" id={`requests-problem-${id}`}>
          {problem}
        </small>
      )}
    </label>
  );
}
