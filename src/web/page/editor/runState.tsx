// How the run itself goes, if there is something to say.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { escapeUnseen } from '../../../language/printable.ts';
import type { Bench } from '../bench.ts';

/** A run that takes longer is said to be running. */
const USUAL_MS = 1500;

/** Says that a run is slow, was stopped, or was impossible; usually nothing. */
export function RunState({ bench }: { readonly bench: Bench }) {
  const isSlow = useSignal(false);
  const isRunning = bench.isRunning.value;
  const source = bench.source.value;
  useEffect(() => {
    isSlow.value = false;
    if (!isRunning || source === undefined) return;
    const timer = setTimeout(() => {
      isSlow.value = true;
    }, USUAL_MS);
    return () => clearTimeout(timer);
  }, [isRunning, source, isSlow]);
  const trouble = bench.trouble.value;
  return (
    <div class="verdict-state" role="status">
      {isRunning && isSlow.value && (
        <p>
          Still running.
          <button type="button" class="shell-button" onClick={() => bench.stop()}>
            Stop
          </button>
        </p>
      )}
      {bench.isStopped.value && (
        <p>
          The run was stopped. What is shown is of an earlier one. An edit runs the script again.
        </p>
      )}
      {trouble !== undefined && <p>Nothing could be run: {escapeUnseen(trouble)}</p>}
    </div>
  );
}
