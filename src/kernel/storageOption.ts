// The option `storage`. Every protocol whose replicas can be restored has it: the option declares
// that the protocol can run with a log.
import { oneOf } from './optionTexts.ts';
import type { OptionSpec, Options } from './protocol.ts';

export const STORAGE = 'storage';

export const STORAGE_OPTION: OptionSpec = {
  about:
    'What outlives a server: nothing (memory), or all that it has acknowledged (log). On real ' +
    'processes logs are in the folder of --data or, without it, gone when the run ends.',
  fallback: 'memory',
  samples: ['memory', 'log'],
  ...oneOf('memory', 'log'),
};

/** Whether servers keep a log under these options, which must be complete. */
export function hasLog(options: Options): boolean {
  return options[STORAGE] === 'log';
}
