// How the simulation yields between two events in a browser, which has no setImmediate. A browser
// runs all microtasks after each listener of an event that it dispatches, so one message with many
// listeners is many turns, at a fraction of the cost of as many messages.
import type { NextTurn } from '../sim/scheduler.ts';

/** More than the scheduler queues at a time. */
const LISTENERS = 65;

export function createTurns(): NextTurn {
  const { port1, port2 } = new MessageChannel();
  let queue: (() => void)[] = [];
  let at = 0;
  let isPosted = false;
  const post = (): void => {
    if (isPosted) return;
    isPosted = true;
    port2.postMessage(null);
  };
  const runOne = (): void => {
    const task = queue[at];
    if (task === undefined) return;
    at += 1;
    task();
  };
  port1.addEventListener('message', () => {
    isPosted = false;
  });
  for (let count = 0; count < LISTENERS; count += 1) {
    port1.addEventListener('message', () => runOne());
  }
  port1.addEventListener('message', () => {
    queue = queue.slice(at);
    at = 0;
    if (queue.length > 0) post();
  });
  port1.start();
  return (task) => {
    queue.push(task);
    post();
  };
}
