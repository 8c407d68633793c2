// The option `endpoints`: a store that somebody else runs. Causeway is its client, and does nothing
// to it. This file needs no system.
import type { OptionSpec, Options } from '../../kernel/design.ts';
import type { NodeId } from '../../kernel/ids.ts';

const FAULTS = [
  ...['killServer', 'pauseServer', 'resumeServer', 'fail', 'recover'],
  ...['partition', 'breakConnection', 'link'],
];

/** `example` shows what the addresses, which fit `isAddress`, look like. */
export function endpointsOption(example: string, isAddress: (text: string) => boolean): OptionSpec {
  return {
    about:
      'The addresses of servers that run already, in place of programs: server 0 is the first. ' +
      'Keys of the run get a prefix there, and are removed at its end.',
    fallback: '',
    refuse: (text) =>
      text === '' || text.split(',').every(isAddress)
        ? undefined
        : `addresses with commas: ${example}`,
  };
}

/** The addresses as they are written; none if the programs are of this run. */
export function endpointsOf({ endpoints = '' }: Options): string[] {
  return endpoints === '' ? [] : endpoints.split(',');
}

/** Why no server can have this id, or undefined. */
export function refuseServerElsewhere(id: NodeId, options: Options): string | undefined {
  const { length } = endpointsOf(options);
  if (length === 0 || id < length) return undefined;
  return `${id} is not among the ${length} addresses of endpoints=, which begin with server 0`;
}

/** Why faults, and commands of the design that change servers, cannot be done there. */
export function lacksElsewhere(
  options: Options,
  commands: readonly string[],
): { readonly [command: string]: string } {
  if (endpointsOf(options).length === 0) return {};
  const why = 'the servers of endpoints= are not of this run';
  return Object.fromEntries([...FAULTS, ...commands].map((command) => [command, why]));
}

/** Why an option of programs cannot be given beside endpoints=, which starts none; or undefined. */
export function refuseOfPrograms(
  chosen: Options,
  specs: { readonly [name: string]: OptionSpec },
  names: readonly string[],
): string | undefined {
  if (endpointsOf(chosen).length === 0) return undefined;
  const wrong = names.find((name) => chosen[name] !== specs[name]?.fallback);
  return wrong && `${wrong}= is about programs of the run, and endpoints= starts none`;
}
