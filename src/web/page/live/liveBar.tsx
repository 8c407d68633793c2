// The bar of a live page: where the script stands, its steps, and a line to type.
import { useSignal } from '@preact/signals';
import { escapeControls } from '../../../language/printable.ts';
import { linesOf } from '../../growingView.ts';
import { nextCommand } from '../../live/stepper.ts';
import type { LiveClient } from './liveClient.ts';

interface Props {
  readonly live: LiveClient;
}

export function LiveBar({ live }: Props) {
  return (
    <section class="live-bar" aria-label="Steps of the run">
      <Steps live={live} />
      <LineForm live={live} />
      <Standing live={live} />
    </section>
  );
}

function Steps({ live }: Props) {
  const { progress, bench } = live;
  const { state, done } = progress.value;
  const count = linesOf(bench.source.value.script).length;
  const isOver = state === 'over';
  const isBusy = state === 'busy';
  const isDone = done >= count;
  const target = bench.line.value;
  const canRunTo = target !== undefined && target > done && target <= count;
  return (
    <div class="live-steps">
      <button
        type="button"
        class="shell-button shell-button-main"
        disabled={isOver || isBusy || isDone}
        onClick={() => live.send({ do: 'next' })}
      >
        Next line
      </button>
      <button
        type="button"
        class="shell-button"
        disabled={isOver || isBusy || !canRunTo}
        title="Select a line of the script that is not done yet"
        onClick={() => target !== undefined && live.send({ do: 'runTo', line: target })}
      >
        {canRunTo ? `Run to line ${target}` : 'Run to line'}
      </button>
      {isBusy ? (
        <button type="button" class="shell-button" onClick={() => live.send({ do: 'pause' })}>
          Stand still
        </button>
      ) : (
        <button
          type="button"
          class="shell-button"
          disabled={isOver || isDone}
          onClick={() => live.send({ do: 'runAll' })}
        >
          Run all
        </button>
      )}
      <button
        type="button"
        class="shell-button"
        disabled={isOver}
        onClick={() => live.send({ do: 'stop' })}
      >
        End the run
      </button>
    </div>
  );
}

function LineForm({ live }: Props) {
  const text = useSignal('');
  const isOver = live.progress.value.state === 'over';
  const submit = (event: Event): void => {
    event.preventDefault();
    if (text.value.trim() === '') return;
    void live.send({ do: 'type', text: text.value });
    text.value = '';
  };
  return (
    <form class="live-form" onSubmit={submit}>
      <input
        class="live-line"
        aria-label="A line to do next"
        placeholder={live.progress.value.isInBlock ? 'A line of the block' : 'put 5 tea green'}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        disabled={isOver}
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
        }}
      />
      <button type="submit" class="shell-button" disabled={isOver || text.value.trim() === ''}>
        Do it
      </button>
    </form>
  );
}

function Standing({ live }: Props) {
  const { progress, connection, refusal, bench } = live;
  const { done, state, isInBlock } = progress.value;
  const lines = linesOf(bench.source.value.script);
  const next = nextCommand(lines, done);
  const words = {
    idle: isInBlock ? 'waits for the end of a block' : 'stands still',
    busy: 'is under way',
    over: 'has ended',
  } as const;
  return (
    <p class="live-standing">
      <span role="status">
        {done} of {lines.length} lines done; the run {words[state]}.
      </span>
      {state === 'idle' && done < lines.length && (
        <span>
          Next is line {next}: <code>{escapeControls(lines[next - 1] ?? '')}</code>
        </span>
      )}
      {connection.value === 'lost' && state !== 'over' && (
        <span class="live-trouble" role="alert">
          The connection is lost; the page tries again.
        </span>
      )}
      {connection.value === 'refused' && (
        <span class="live-trouble" role="alert">
          The run takes no further page, or has ended. Close another page of it and load this one
          again.
        </span>
      )}
      {refusal.value !== undefined && (
        <span class="live-trouble" role="alert">
          {refusal.value}
        </span>
      )}
    </p>
  );
}
