// Draws clients that compare and set one key beside each other, while servers die or are cut off.
// The lines come after all others, from a random stream of their own, so they change no line before
// them.
import { EMPTY_VALUE } from '../kernel/history.ts';
import { calm, takeApart } from './drawScenes.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

const SHARE = 0.6;
/** Few, so that a comparison often finds its value, and finds it again after it was replaced. */
const VALUES = 3;
const MOST_ROUNDS = 3;

/** For a protocol that has the command: in some scripts, a few rounds. */
export function drawCompareAndSet(model: ScriptModel, random: RandomSource): string[] {
  if (!hasCompareAndSet(model) || !random.happens(SHARE) || model.servers.length === 0) return [];
  const places = random.shuffle(model.servers).slice(0, random.between(1, 3));
  // Two clients at one server, where it is the only one.
  const { lines, clients } = takeApart(
    model,
    random,
    places.length > 1 ? places : [...places, ...places],
  );
  const key = random.pick(model.keys);
  const values = Array.from({ length: VALUES + 1 }, () => model.newValue());
  // Scripts have the empty value once at most.
  const texts = values.filter((value) => value !== EMPTY_VALUE).slice(0, VALUES);
  const [writer] = clients;
  const rounds = Array.from({ length: random.between(1, MOST_ROUNDS) }, () => {
    return drawRound(model, random, { key, values: texts, clients });
  });
  return [
    ...[...calm(model), ...lines, `put ${writer} ${key} ${texts[0]}`],
    ...rounds.flat(),
    ...clients.map((client) => `get ${client} ${key}`),
  ];
}

/** Whether the protocol has such a command. */
export function hasCompareAndSet({
  protocol,
  options,
}: Pick<ScriptModel, 'protocol' | 'options'>): boolean {
  return protocol.commands.some(
    ({ on, args, meaning }) =>
      on === 'client' && args.includes('text') && meaning?.(options).kind === 'cas',
  );
}

interface Cast {
  readonly key: string;
  readonly values: readonly string[];
  readonly clients: readonly number[];
}

function drawRound(
  model: ScriptModel,
  random: RandomSource,
  { key, values, clients }: Cast,
): string[] {
  const operate = (): string => {
    const client = random.pick(clients);
    const chance = random.between(1, 10);
    if (chance <= 7) return `cas ${client} ${key} ${random.pick(values)} ${random.pick(values)}`;
    if (chance <= 9) return `get ${client} ${key}`;
    return random.happens(0.8)
      ? `put ${client} ${key} ${random.pick(values)}`
      : `delete ${client} ${key}`;
  };
  const some = (most: number): string[] => Array.from({ length: random.between(2, most) }, operate);
  const { during, after } = drawTrouble(model, random, clients);
  const wait = (): string[] => (random.happens(0.6) ? [`sleep ${random.between(1, 40)}ms`] : []);
  const block = ['concurrently', ...some(5), ...wait(), ...during, ...wait(), ...some(4), 'end'];
  return [...block, ...(random.happens(0.5) ? some(4) : []), ...after];
}

/** What goes wrong during a round, and what ends it. */
function drawTrouble(
  model: ScriptModel,
  random: RandomSource,
  clients: readonly number[],
): { readonly during: readonly string[]; readonly after: readonly string[] } {
  const [server, other, ...others] = random.shuffle(model.servers);
  const nothing = { during: [], after: [] };
  if (server === undefined || other === undefined) return nothing;
  const client = random.pick(clients);
  switch (random.between(1, 7)) {
    case 1:
      return { during: [`killServer ${server}`], after: [`joinServer ${server}`] };
    case 2:
      return { during: [`pauseServer ${server}`], after: [`resumeServer ${server}`] };
    case 3:
      // The request arrives, and its answer does not.
      return { during: [`breakConnection ${server} ${client} oneway`], after: ['heal'] };
    case 4: {
      const cut = `partition ${server} | ${[other, ...others].join(' ')}`;
      return { during: [cut], after: ['heal'] };
    }
    case 5:
      return { during: [`breakConnection ${server} ${other}`], after: ['heal'] };
    case 6: {
      // It may go on by what it knew, while the others go on without it.
      const cut = `partition ${server} | ${[other, ...others].join(' ')}`;
      const hasService = model.protocol.createService !== undefined;
      const alone = hasService ? [`breakConnection ${server} master`] : [];
      return { during: [...alone, cut], after: ['heal'] };
    }
    default:
      return nothing;
  }
}
