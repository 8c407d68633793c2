// A place between two events of a simulation, when all consequences of the first are over.
import { type NextTurn, usualTurn } from '../../sim/scheduler.ts';

/** Turns as `nextTurn` gives them, each after a call of `before`. */
export function hookTurns(given: NextTurn | undefined, before: () => void): NextTurn {
  const nextTurn = given ?? usualTurn;
  if (nextTurn === undefined) throw new Error('there is no setImmediate: hand in nextTurn');
  // A world hands in the same few tasks again and again.
  const hookedByTask = new Map<() => void, () => void>();
  return (task) => {
    let hooked = hookedByTask.get(task);
    if (hooked === undefined) {
      hooked = () => {
        before();
        task();
      };
      hookedByTask.set(task, hooked);
    }
    nextTurn(hooked);
  };
}
