// Runs a script in simulation, and collects all that a page shows of it.
import type { Recorded } from '../../kernel/history.ts';
import type { TraceEvent } from '../../kernel/trace.ts';
import { prepare } from '../../runner/play.ts';
import type { NextTurn } from '../../sim/scheduler.ts';
import type { Look, RunSource, RunView, SaidText } from '../view.ts';
import { lookAtNodes, type States } from './lookAtNodes.ts';
import { Samples } from './samples.ts';
import { hookTurns } from './turnHook.ts';
import { toVerdict } from './verdict.ts';

/** Never rejects for anything that a script can do: a failure is part of the view. */
export async function runScript(source: RunSource, nextTurn?: NextTurn): Promise<RunView> {
  const said: SaidText[] = [];
  const events: TraceEvent[] = [];
  const history: Recorded[] = [];
  const say = (stream: SaidText['stream'], text: string, line: number | undefined): void => {
    said.push({ stream, text: text.replace(/\n$/, ''), ...(line !== undefined && { line }) });
  };
  const samples = new Samples<Promise<States>>();
  const play = prepare(source, {
    sink: {
      answer: (text, line) => say('answer', text, line),
      diagnostic: (text, line) => say('diagnostic', text, line),
    },
    trace: (event) => events.push(event),
    onOperation: (operation) => history.push(operation),
    nextTurn: hookTurns(nextTurn, () => {
      const states =
        play.cluster && samples.isDue(events.length) ? lookAtNodes(play.cluster) : undefined;
      if (states !== undefined) samples.add(events.length, states);
    }),
  });
  let failure: string | undefined;
  const looks: Look[] = [];
  try {
    await play.play();
    for (const { cursor, sample } of samples.kept) looks.push({ cursor, ...(await sample) });
    if (play.cluster !== undefined)
      looks.push({ cursor: events.length, ...(await lookAtNodes(play.cluster)) });
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const { run } = play;
  const verdict = toVerdict(await run.history.judge([]), history);
  await run.stop();
  const { protocol, options } = run;
  return {
    ...{ source, world: 'simulation', protocol: protocol.name, options },
    // A simulated disk begins empty, so nothing of an earlier run is on it.
    ...{ said, events, history, earlier: [], verdict, looks },
    ...(failure !== undefined && { failure }),
  };
}
