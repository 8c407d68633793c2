// Waits for the last step of a program's start.
import type { ForeignProgram } from '../../processes/foreignProgram.ts';

/** The program, when it is ready; if it does not become so, it is ended. */
export async function whenReady(
  program: ForeignProgram,
  ready: Promise<unknown>,
): Promise<ForeignProgram> {
  try {
    await ready;
    return program;
  } catch (error) {
    await program.kill();
    throw error;
  }
}
