// Operations with known answers while servers leave and join, from the evaluation of a published
// course. After each change every key must be at the server to which its range belongs: contiguous
// ranges of equal size, in the order in which the servers have joined.
import { CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import { Examination, type PartRow } from './examination.ts';
import type { ShardsExperiment } from './experiment.ts';
import { doParallel, doSimple, firstClient } from './single.ts';
import type { OpenStage } from './stage.ts';

const CLIENTS = 2;
const PIECE_KEY = '81';
const PIECE = 'MUDA ';
const LEAVES = 4;
const JOINS = 5;

export async function runShards(
  experiment: ShardsExperiment,
  openStage: OpenStage,
): Promise<PartRow[]> {
  const rows: PartRow[] = [];
  const { keyCount, sizes } = experiment;
  const run = async (
    options: Readonly<Record<string, string>>,
    [part, servers, words]: readonly [string, number, string],
    task: (servers: Servers) => Promise<void>,
  ): Promise<void> => {
    const stage = await openStage({ ...experiment, servers }, options, CLIENTS);
    const examination = new Examination(stage, part, words);
    const changing = new Servers(examination, keyCount);
    await changing.confirm();
    await task(changing);
    rows.push(examination.finish());
    await stage.finish();
  };
  for (const { options } of experiment.variants) {
    for (const size of sizes) await run(options, ['all leave', size, `${size} to 0`], doAllLeave);
    await run(options, ['leaves', LEAVES + 1, `${LEAVES + 1} to 0`], doLeaves);
    const words = `${LEAVES + 1} to 1 to ${JOINS + 1}`;
    await run(options, ['pieces', LEAVES + 1, words], doPieces);
  }
  return rows;
}

async function doAllLeave(servers: Servers): Promise<void> {
  await doSimple(servers.examination);
  await doParallel(servers.examination);
  while (servers.count > 0) await servers.leave();
}

/** Two clients work, and the oldest server leaves. */
async function doLeaves(servers: Servers): Promise<void> {
  for (let count = 0; count < LEAVES; count += 1) {
    await doParallel(servers.examination);
    await servers.leave();
  }
  await servers.leave();
}

/** One key grows by a piece before each change; at the end it has all nine pieces. */
async function doPieces(servers: Servers): Promise<void> {
  const { examination } = servers;
  const client = firstClient(examination.stage);
  for (let count = 1; count <= LEAVES + JOINS; count += 1) {
    await examination.append(client, PIECE_KEY, PIECE);
    await examination.get(client, PIECE_KEY, PIECE.repeat(count));
    if (count <= LEAVES) await servers.leave();
    else await servers.join();
  }
  await examination.get(client, PIECE_KEY, PIECE.repeat(LEAVES + JOINS));
}

/** The server of a key: `servers` are in the order of joining. */
export function serverOfKey(
  key: number,
  servers: readonly NodeId[],
  keyCount: number,
): NodeId | undefined {
  return servers[Math.floor(key / Math.ceil(keyCount / servers.length))];
}

/** The servers of a stage, of which the oldest leaves and a new one joins. */
class Servers {
  readonly examination: Examination;
  readonly #keyCount: number;
  #present: readonly NodeId[];
  #started: number;

  constructor(examination: Examination, keyCount: number) {
    this.examination = examination;
    this.#keyCount = keyCount;
    this.#present = examination.stage.servers;
    this.#started = this.#present.length;
  }

  get count(): number {
    return this.#present.length;
  }

  /** The oldest leaves, and ends. */
  async leave(): Promise<void> {
    const [oldest, ...others] = this.#present;
    if (oldest === undefined) return;
    const { examination } = this;
    const { stage } = examination;
    // The data go with the last server, which must be said.
    const words = [String(oldest), ...(others.length === 0 ? ['force'] : [])];
    await examination.move(async () => {
      await this.#unlessRefused(`leave ${oldest}`, () => stage.tellService('leave', words));
    });
    this.#present = others;
    await this.confirm();
    await stage.kill(oldest);
  }

  async join(): Promise<void> {
    const id = this.#started;
    this.#started += 1;
    await this.examination.move(() => this.examination.stage.do(`joinServer ${id}`));
    this.#present = [...this.#present, id];
    await this.confirm();
  }

  /** Asks for the server of every key. */
  async confirm(): Promise<void> {
    if (this.#present.length === 0) return;
    for (let key = 0; key < this.#keyCount; key += 1) {
      const known = serverOfKey(key, this.#present, this.#keyCount);
      const asked = await this.#unlessRefused(`query ${key}`, () =>
        this.examination.stage.tellService('query', [String(key)]),
      );
      const found = asked?.join();
      if (found === undefined || found === `${key}:${known}`) continue;
      this.examination.wrong(`query ${key} gave ${found}, not ${key}:${known}`);
    }
  }

  async #unlessRefused<T>(what: string, task: () => Promise<T>): Promise<T | undefined> {
    try {
      return await task();
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.examination.wrong(`${what} was refused: ${error.message}`);
      return undefined;
    }
  }
}
