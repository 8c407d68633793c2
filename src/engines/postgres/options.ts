// The options of PostgreSQL, and what it promises with them.
import type { Design, ModifierSpec, Options } from '../../kernel/design.ts';
import { oneOf } from '../../kernel/optionTexts.ts';
import { endpointsOption, refuseOfPrograms } from '../store/endpoints.ts';
import { placeModifier, placeOption } from '../store/primaryDesign.ts';
import { binaryOption, reactionOption, refuseUpTo, timeoutOption } from '../store/storeOptions.ts';
import { claimsFrom, claimsOption } from '../world/claims.ts';

export const claims: Design['claims'] = claimsFrom;

const MOST_STANDBYS = 63;

export const modifiers: readonly ModifierSpec[] = [placeModifier];

function isAddress(url: string): boolean {
  return /^postgres(ql)?:\/\/[^\s,]+$/.test(url) && URL.canParse(url);
}

export const options: Design['options'] = {
  claims: claimsOption('convergence'),
  reads: placeOption,
  sync: {
    about:
      'For how many standbys a commit waits (`synchronous_standby_names`), any of them; `commit` ' +
      'says until when.',
    fallback: '0',
    refuse: refuseUpTo(MOST_STANDBYS),
  },
  commit: {
    about:
      'What a commit waits for (`synchronous_commit`): nothing (off), the own log (local), the ' +
      'log of standbys too (remote_write, on), until they show it (remote_apply).',
    fallback: 'on',
    ...oneOf('off', 'local', 'remote_write', 'on', 'remote_apply'),
  },
  fsync: {
    about:
      'Whether a commit waits for the disk (`fsync`). A script cannot show the difference, which ' +
      'a machine without power would: this is for measurements.',
    fallback: 'off',
    ...oneOf('off', 'on'),
  },
  timeout: timeoutOption,
  reaction: reactionOption(
    'Whether the line after a write, or after the end of a fault, waits until the standbys ' +
      'that are in touch with the primary are as far as it is (awaited), or not (open).',
  ),
  binary: {
    ...binaryOption('postgres', 'postgresql'),
    about:
      'The program or its folder; without a path it is looked for in PATH, and then where ' +
      "Debian's package postgresql has it.",
  },
  endpoints: {
    ...endpointsOption('postgres://me@10.0.0.1/db,postgres://me@10.0.0.2/db', isAddress),
    about:
      'The addresses of servers that run already, in place of programs: server 0 is the first. ' +
      'The run has a schema of its own there, which is dropped at its end.',
  },
};

export function refuseOptions(chosen: Options): string | undefined {
  const { commit = '', sync } = chosen;
  const wrong = refuseOfPrograms(chosen, options, ['sync', 'commit', 'fsync', 'binary']);
  if (wrong !== undefined) return wrong;
  if (sync === '0' && commit.startsWith('remote')) {
    return `commit=${commit} waits for no standby without sync=1 or more`;
  }
  return undefined;
}
