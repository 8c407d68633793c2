// The options of the user's own nodes.
import type { Design, OptionSpec, Options } from '../../kernel/design.ts';
import { MAX_NODE_ID, type NodeId } from '../../kernel/ids.ts';
import { oneOf, readMs } from '../../kernel/optionTexts.ts';
import { claimsOption } from '../world/claims.ts';
import { splitCommand } from './command.ts';

const IDS = /^(?:0|[1-9][0-9]{0,5})(?:,(?:0|[1-9][0-9]{0,5}))*$/;
const MOST_NODES = 64;
/** Each write waits for ten times as long, if the nodes never fall silent. */
const MOST_QUIET_MS = 1_000;

function refuseIds(text: string): string | undefined {
  const ids = text.split(',');
  const isList = IDS.test(text) && ids.every((id) => Number(id) <= MAX_NODE_ID);
  if (!isList || ids.length > MOST_NODES) return `ids with commas, ${MOST_NODES} at most: 0,1,2`;
  return new Set(ids).size === ids.length ? undefined : 'an id twice';
}

function time(about: string, fallback: string, mostMs = Number.POSITIVE_INFINITY): OptionSpec {
  const refuse = (text: string) => {
    const ms = readMs(text);
    if (ms === undefined) return 'a time such as 200ms or 2s';
    return ms > mostMs ? `a time of ${mostMs / 1_000} s at most` : undefined;
  };
  return { about, fallback, refuse };
}

function refuseCommand(text: string): string | undefined {
  const words = splitCommand(text);
  if (words === undefined) return 'a quote that does not end';
  return words[0] === '' ? 'a program' : undefined;
}

export const options: Design['options'] = {
  nodes: {
    about: 'The ids of all servers that may join, which each node is told at its start.',
    fallback: '0,1,2',
    refuse: refuseIds,
  },
  claims: claimsOption('linearizable'),
  numbers: {
    about:
      'How a key or value that is a whole number travels: as a number of JSON (json), which is ' +
      "what Maelstrom's clients send, or as a string like every other text (text).",
    fallback: 'json',
    ...oneOf('json', 'text'),
  },
  start: time('How long a node may take to answer `init`.', '10s'),
  quiet: time(
    'After a write the next line waits until no message has passed between nodes for so long, ' +
      'ten times that at most.',
    '10ms',
    MOST_QUIET_MS,
  ),
  stderr: {
    about:
      'What becomes of the stderr of nodes: its last lines are shown when a node dies (keep), or ' +
      'every line is shown (show).',
    fallback: 'keep',
    ...oneOf('keep', 'show'),
  },
  // The last one, because it takes the rest of the line.
  command: {
    about:
      'The program of a node and its arguments, up to the end of the line. Quotes keep blanks ' +
      'together; there is no shell.',
    fallback: '',
    refuse: refuseCommand,
  },
};

export function refuseOptions({ command = '' }: Options): string | undefined {
  if (command.trim() !== '') return undefined;
  return 'command= is missing: protocol nodes nodes=0,1,2 command=python3 server.py';
}

export function nodesOf({ nodes = '' }: Options): NodeId[] {
  return nodes.split(',').map(Number);
}

export function refuseServer(id: NodeId, options: Options): string | undefined {
  const ids = nodesOf(options);
  return ids.includes(id) ? undefined : `${id} is not among nodes=${ids.join(',')}`;
}

/** The words of a command that look like options, which end where the command begins. */
export function optionsInCommand(command: readonly string[]): string[] {
  const beginnings = Object.keys(options).map((name) => `${name}=`);
  return command.slice(1).filter((word) => beginnings.some((name) => word.startsWith(name)));
}

/** The milliseconds of an option that is a time. */
export function timeOf(options: Options, name: 'start' | 'quiet'): number {
  return readMs(options[name] ?? '') ?? 0;
}
