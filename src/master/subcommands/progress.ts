// One line with the progress of a long command, at a terminal only.
import type { Output } from '../output.ts';

export interface Progress {
  show(done: number, failures: number): void;
  /** Removes the line. */
  clear(): void;
}

const HIDDEN: Progress = { show: () => undefined, clear: () => undefined };

export function createProgress(output: Output, seeds: number): Progress {
  if (!process.stderr.isTTY) return HIDDEN;
  let width = 0;
  const write = (text: string): void => {
    // Blanks after the text overwrite the rest of a longer one.
    output.diagnostic(`\r${text.padEnd(width)}`);
    width = text.length;
  };
  return {
    show: (done, failures) => {
      const found = failures === 0 ? '' : `, ${failures} broken`;
      write(`causeway: ${done} of ${seeds} seeds${found}`);
    },
    clear: () => {
      if (width === 0) return;
      write('');
      output.diagnostic('\r');
    },
  };
}
