// The start of a program that has to be told its ports, and listens there after a while.
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import type { StoreSetup } from './store.ts';

/** How often other ports are tried, when another program has taken them. */
const MOST_STARTS = 3;
/** How long a program may take to listen, on a machine under load. */
const LISTEN_MS = 30_000;
const LOOK_EVERY_MS = 20;

export interface Attempt {
  readonly program: ForeignProgram;
  /** What it has written elsewhere than to stderr. */
  readonly said?: readonly string[];
  /** One look, which ends soon. */
  isListening(): Promise<boolean>;
  /** Takes back what the attempt has begun, but for the program. */
  giveUp(): void;
}

/**
 * Resolves when the program of an attempt listens; each attempt has ports of its own. Rejects with
 * an EnvironmentError, and then no program is left.
 */
export async function startListening(
  id: NodeId,
  { now, sleep }: Pick<StoreSetup, 'now' | 'sleep'>,
  begin: () => Promise<Attempt>,
): Promise<ForeignProgram> {
  for (let starts = 1; ; starts += 1) {
    const { program, said = [], isListening, giveUp } = await begin();
    const until = now() + LISTEN_MS;
    while (!program.isGone && now() < until) {
      if (await isListening()) return program;
      await sleep(LOOK_EVERY_MS);
    }
    giveUp();
    await program.kill();
    const lines = [...program.lastLines.map((line) => `stderr: ${line}`), ...said];
    const isTaken = lines.some((line) => /address already in use/i.test(line));
    if (isTaken && starts < MOST_STARTS) continue;
    const why = lines.join('; ') || 'it wrote nothing';
    throw new EnvironmentError(
      'E_SPAWN',
      `server ${id} ended or did not listen (${await program.gone}); ${why}`,
    );
  }
}
