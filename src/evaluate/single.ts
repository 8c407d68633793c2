// Operations with known answers, from the evaluation of a published course: one client alone,
// several on keys of their own, and several that append to one key. `append` must join at the right
// end.
import type { NodeId } from '../kernel/ids.ts';
import { Examination, type PartRow } from './examination.ts';
import type { SingleExperiment } from './experiment.ts';
import type { OpenStage, Stage } from './stage.ts';

export async function runSingle(
  experiment: SingleExperiment,
  openStage: OpenStage,
): Promise<PartRow[]> {
  const rows: PartRow[] = [];
  for (const { options } of experiment.variants) {
    const stage = await openStage(experiment, options, experiment.clients);
    for (const [part, task] of [
      ['simple', doSimple],
      ['parallel', doParallel],
      ['race', doRace],
    ] as const) {
      const examination = new Examination(stage, part, String(experiment.servers));
      await task(examination);
      rows.push(examination.finish());
    }
    await stage.finish();
  }
  return rows;
}

/** One client: every operation, also on absent and on emptied keys. */
export async function doSimple(examination: Examination): Promise<void> {
  const client = firstClient(examination.stage);
  const get = (key: string, known: string | null) => examination.get(client, key, known);
  const put = async (key: string, value: string): Promise<void> => {
    await examination.put(client, key, value);
    await get(key, value);
  };
  await get('10', null);
  await put('33', '?!?!?');
  await examination.append(client, '45', 'huh?');
  await get('45', 'huh?');
  await put('45', 'huh!');
  await examination.append(client, '45', '?');
  await get('45', 'huh!?');
  await examination.pop(client, 'lpop', '3', null);
  for (const [end, known] of [
    ['lpop', 'h'],
    ['rpop', '?'],
    ['lpop', 'u'],
    ['rpop', '!'],
    ['rpop', 'h'],
    ['lpop', ''],
  ] as const) {
    await examination.pop(client, end, '45', known);
  }
  await get('45', '');
  await get('86', null);
  await get('34', null);
  await examination.append(client, '86', 'URV_ROCKS');
  await examination.append(client, '34', 'paxos_enjoyer');
  await get('86', 'URV_ROCKS');
  await get('34', 'paxos_enjoyer');
}

const KEY_STEP = 20;
const AMOUNTS = ['1.965.000.000', '75.000.000', '32.000.000'];

/** So many clients at once, each with a key of its own, which is empty afterwards. */
export async function doParallel(
  examination: Examination,
  clients: readonly NodeId[] = examination.stage.clients,
): Promise<void> {
  const work = async (client: NodeId, index: number): Promise<void> => {
    const key = String(KEY_STEP * index);
    const amount = AMOUNTS[index] ?? String(index);
    await examination.put(client, key, amount);
    await examination.get(client, key, amount);
    await examination.append(client, key, amount);
    await examination.get(client, key, `${amount}${amount}`);
    await examination.put(client, key, '');
    await examination.get(client, key, '');
  };
  await Promise.all(clients.map(work));
}

const RACE_KEY = '15';
const RACE_PIECE = 'ORA ';
const RACE_APPENDS = 5;

/** All clients append to one key; no piece may be lost. */
async function doRace(examination: Examination): Promise<void> {
  const { clients } = examination.stage;
  const race = async (client: NodeId): Promise<void> => {
    for (let count = 0; count < RACE_APPENDS; count += 1) {
      await examination.append(client, RACE_KEY, RACE_PIECE);
    }
  };
  await Promise.all(clients.map(race));
  const known = RACE_PIECE.repeat(clients.length * RACE_APPENDS);
  await examination.get(firstClient(examination.stage), RACE_KEY, known);
}

export function firstClient({ clients: [client = 0] }: Stage): NodeId {
  return client;
}
