// The options of commands that run something random: the seed, and the faults.
import { InvalidArgumentError, Option } from 'commander';
import { MOST_SEED, parseSeed } from '../kernel/seed.ts';
import {
  DISK_FAULTS_SYNTAX,
  FAULTS_SYNTAX,
  LOG_FAULTS_SYNTAX,
  NODE_FAULTS_SYNTAX,
  parseFaults,
  SERVICE_FAULTS_SYNTAX,
} from '../sim/faultText.ts';
import { SHORTEST_STALL_MS } from '../sim/nodePlan.ts';

export function seedOption(): Option {
  return new Option('--seed <n>', 'the seed of everything random').argParser((text) => {
    const seed = parseSeed(text);
    if (seed !== undefined) return seed;
    throw new InvalidArgumentError(`A seed is a whole number from 0 to ${MOST_SEED}.`);
  });
}

export function faultsOption(): Option {
  const about =
    'the faults of a simulation; programs of others take those of messages, without a ' +
    'schedule. Messages: shares that are lost or repeated, delays in ' +
    'milliseconds, a share with a much longer delay, and how delays are chosen: ' +
    `\`${FAULTS_SYNTAX}\`. Single nodes: the share whose clocks run fast or slow, and by how ` +
    'much at most; the share of time for which wall clocks are wrong, and by how much at most; ' +
    'the share of time for which a node is slow, and how long each of its steps takes then; of ' +
    'the steps that find the node free, the share before which it stops, and for how long at ' +
    `most, ${SHORTEST_STALL_MS} ms or more: \`${NODE_FAULTS_SYNTAX}\`. Disks of servers ` +
    'with logs: the time of an operation, shares that take longer, find the disk full, or fail: ' +
    `\`${DISK_FAULTS_SYNTAX}\`. With logs also: as how many records one counts for ` +
    'compaction, and how often a new run on the same disks begins after the last server died: ' +
    `\`${LOG_FAULTS_SYNTAX}\`. Configuration service: the delay of its messages, the ` +
    'share with a much longer delay, and the share of time that a server is cut off from it: ' +
    `\`${SERVICE_FAULTS_SYNTAX}\`. All are optional`;
  return new Option('--faults <plan>', about).argParser((text) => {
    try {
      return parseFaults(text);
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  });
}
