// Runs a script in simulation on a twin, and gives its answers.
import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { createSimCluster } from '../../src/sim/world.ts';

const [first] = PROTOCOLS;

/** The answers, as JSON lines. Invariants are not checked: the answers must show the mistake. */
export async function answersOf(lines: readonly string[]): Promise<readonly string[]> {
  const answers: string[] = [];
  const session = createScriptLanguage(PROTOCOLS).open({
    protocol: first as NonNullable<typeof first>,
    seed: 1,
    createCluster: (protocol, options) =>
      createSimCluster({ protocol, options, seed: 1, checkInvariants: false }),
    onInitialWrite: () => undefined,
    onOperation: () => undefined,
    onAnswer: (text) => answers.push(text),
    onDiagnostic: () => undefined,
  });
  for (const line of lines) await session.do(line);
  await session.stop();
  return answers;
}
