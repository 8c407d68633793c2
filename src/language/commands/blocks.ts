// The lines that begin and end a block. The interpreter (interpreter.ts) does what they say.
import { defineCommand } from '../command.ts';
import { LineError } from '../lineError.ts';

function onlyInScripts(): never {
  throw new LineError('E_NOT_HERE', 'a block is begun and ended by lines of their own');
}

export const concurrently = defineCommand({
  name: 'concurrently',
  args: [],
  about: "runs the lines up to `end` at once, each client's own in order",
  prints: 'the answers, in line order',
  block: 'opens',
  isGoverning: true,
  run: onlyInScripts,
});

export const end = defineCommand({
  name: 'end',
  args: [],
  about: 'ends the lines of `concurrently`, and returns when all of them are done; or of `repeat`',
  block: 'closes',
  isGoverning: true,
  run: onlyInScripts,
});
