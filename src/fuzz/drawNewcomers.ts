// Draws servers that join while another one is paused, so that they are not done: what they begin
// goes on when that one is resumed, while clients operate. The lines come after all others, from a
// random stream of their own, so they change no line before them.
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

const SHARE = 0.25;
const MOST_SERVERS = 6;

/** In some scripts: a new server, and operations while it takes its place. */
export function drawNewcomers(model: ScriptModel, random: RandomSource): string[] {
  const paused = random.tryPick(model.awake);
  const isWanted = random.happens(SHARE) && model.awake.length >= 2;
  if (!isWanted || paused === undefined || model.servers.length >= MOST_SERVERS) return [];
  const newcomer = model.newId();
  model.addServer(newcomer);
  const clients = model.servers.flatMap((server) => {
    if (server === paused) return [];
    const client = model.newId();
    model.connect(client, server);
    return [{ client, server }];
  });
  const operate = (): string => {
    const { client } = random.pick(clients);
    const key = random.pick(model.keys);
    return random.happens(0.5)
      ? `get ${client} ${key}`
      : `put ${client} ${key} ${model.newValue()}`;
  };
  const beside = Array.from({ length: random.between(8, 24) }, operate);
  const wait = random.happens(0.5) ? [`sleep ${random.between(1, 40)}ms`] : [];
  return [
    ...[`pauseServer ${paused}`, `joinServer ${newcomer}`],
    ...clients.map(({ client, server }) => `joinClient ${client} ${server}`),
    ...['concurrently', `resumeServer ${paused}`, ...wait, ...beside, 'end'],
    ...model.keys.flatMap((key) => clients.map(({ client }) => `get ${client} ${key}`)),
  ];
}
