// The options of Redis, and what it promises with them.
import type { Design, ModifierSpec, OptionSpec, Options } from '../../kernel/design.ts';
import { oneOf } from '../../kernel/optionTexts.ts';
import { endpointsOption, refuseOfPrograms } from '../store/endpoints.ts';
import { placeModifier, placeOption } from '../store/primaryDesign.ts';
import { binaryOption, reactionOption, refuseUpTo, timeoutOption } from '../store/storeOptions.ts';
import { claimsOption } from '../world/claims.ts';

const MOST_REPLICAS = 63;

export const modifiers: readonly ModifierSpec[] = [placeModifier];

function replicas(about: string): OptionSpec {
  return { about, fallback: '0', refuse: refuseUpTo(MOST_REPLICAS) };
}

export const options: Design['options'] = {
  claims: claimsOption('convergence'),
  reads: placeOption,
  wait: replicas(
    'After each write the client asks (`WAIT`) whether so many replicas have it; it gets no ' +
      'acknowledgement otherwise.',
  ),
  'min-replicas': replicas(
    'The primary refuses writes while fewer replicas are in touch (`min-replicas-to-write`).',
  ),
  appendonly: {
    about: 'Whether a server that is killed comes back with its writes: with appendonly only.',
    fallback: 'no',
    ...oneOf('no', 'yes'),
  },
  timeout: timeoutOption,
  reaction: reactionOption(
    'Whether the line after a write, or after the end of a fault, waits until the replicas ' +
      'that are in touch with the primary are as far as it is (awaited), or not (open).',
  ),
  binary: binaryOption('redis-server', 'redis-server'),
  endpoints: endpointsOption('10.0.0.1:6379,redis.example:6379', (text) => {
    const { host, port } = toAddress(text);
    return host !== '' && port > 0 && port < 65_536;
  }),
};

/** Options of the programs, which somebody else has started there. */
const OF_PROGRAMS = ['min-replicas', 'appendonly', 'binary'];

export function refuseOptions(chosen: Options): string | undefined {
  return refuseOfPrograms(chosen, options, OF_PROGRAMS);
}

/** `host:port` or `[host]:port`; an empty host if it is neither. */
export function toAddress(text: string): { readonly host: string; readonly port: number } {
  const [, inBrackets, plain, port] =
    /^(?:\[([^\s\]]+)\]|([^\s:/@[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  return { host: inBrackets ?? plain ?? '', port: Number(port) };
}
