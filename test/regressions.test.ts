// Defects that random scripts have found, one entry each: the script, the seed, the faults, and
// what was wrong. Now every guarantee holds in all of them.
import { expect, test } from 'vitest';
import { createScriptLanguage } from '../src/fuzz/scriptSession.ts';
import { runTwice } from '../src/fuzz/search.ts';
import type { TestCase } from '../src/fuzz/testCase.ts';
import { PROTOCOLS } from '../src/protocols/registry.ts';
import { parseFaults } from '../src/sim/faultText.ts';
import { sample } from './support/extent.ts';

interface Regression {
  readonly wrong: string;
  readonly protocol: string;
  readonly seed: number;
  /** Lines separated by `;`. */
  readonly script: string;
  readonly faults?: string;
}

const RELINKED = 'breakConnection 0 1;createConnection 1 0';
const UNANSWERED = 'pauseServer 1;joinClient 3 1;delete 3 x;resumeServer 1';
const OWN_UNANSWERED = 'pauseServer 0;delete 1 x;concurrently;stabilize;get 1 x;resumeServer 0;end';
const ASLEEP = 'concurrently;delete 1 x;pauseServer 0;end';
const SLOW = `joinServer 0;joinClient 1 0;pauseServer 0;concurrently;${'put 1 x v;'.repeat(9)}end`;
const NEWCOMER = 'joinServer 0;joinClient 4 0';
const ALONE = 'pauseServer 0;delete 2 x;joinServer 1;createConnection 2 1;pauseServer 1';
const AFTER = 'killServer 0;joinServer 1;joinClient 3 1;put 3 x v';
const FORGOTTEN = 'delete 2 x;stabilize;stabilize';
const LAST_DIES = 'concurrently;stabilize;killServer 0;end';
const NOTHING_TWICE = 'get 3 x;joinServer 4;createConnection 3 4;breakConnection 3 0;get 3 x';
const WAITING = 'put 3 x v1;put 2 x v2;put 2 x v3;resumeServer 0';
const LATE = 'stabilize;put 3 x v1;get 3 x;stabilize;delete 3 x;joinServer 2;stabilize';

const LOGGED = 'protocol chain reads=any storage=log';
const AGAIN = 'createConnection 1 0;get 1 x';
const FOUR = 'joinServer 0;joinServer 1;joinServer 2;joinServer 3;joinClient 4 1';
const MUTED = 'concurrently;put 4 x v1;breakConnection 0 1 oneway;end';
const RETURN = 'killServer 0;joinServer 0';
const THREE = 'joinServer 0;joinServer 1;joinServer 2;breakConnection 1 2;joinClient 3 1';
const LAST_LEFT = 'joinClient 4 1;put 4 x v1;killServer 0;killServer 2;joinServer 0;get 3 x';

const TRIO = 'joinServer 0;joinServer 1;joinServer 2';
const ALL_DIE = 'killServer 0;killServer 1;killServer 2';
const AFAR_RING = 'joinServer 999999;joinServer 70000;joinServer 0;joinServer 1';
const AFAR = `${AFAR_RING};breakConnection 70000 1;joinClient 2 1;get 2 x`;
const FIVE = [0, 1, 2, 3, 4].map((id) => `joinServer ${id}`).join(';');
const PLAIN_LOGGED = 'protocol chain reads=tail storage=log';
const CUT_TRIO = `${TRIO};breakConnection 1 2;joinClient 3 0;joinClient 4 0;joinClient 5 0`;
const SLOW_TAIL = `${CUT_TRIO};put 5 x v1;delete 4 x;killServer 0;joinServer 0`;
const TAIL_BACK = 'joinServer 1;joinServer 0;createConnection 3 1';
const ALL_IN_TURN = 'killServer 0;killServer 2;killServer 1';
const TAIL_DIES = `createConnection 4 1;put 4 x v2;${ALL_IN_TURN};${TAIL_BACK}`;
const HARSH = 'loss=0.1,duplication=0.2,delay=1..40,tail=0.2:1500';
const FIVE_CUTS = ['0 2', '0 3', '0 4', '2 4'].map((pair) => `breakConnection ${pair}`).join(';');
const FIVE_CLIENTS = 'joinClient 5 2;joinClient 6 0;joinClient 7 3';
const FIRST_FIVE = 'put 7 y v1;delete 7 0;put 5 y v2;get 5 z;get 5 0;delete 6 z;put 7 y v3;get 6 x';
const FIVE_OPERATIONS = `${FIRST_FIVE};get 5 0;get 5 x;put 7 y v4;get 6 z;put 7 z v5`;
const GONE_BACK = 'killServer 0;joinServer 0;createConnection 2 0;get 2 x';
const GONE = `delete 1 x;stabilize;stabilize;get 2 x;${GONE_BACK}`;
const SERVER_1_ANEW = 'killServer 1;joinServer 1;createConnection 2 1';
const GET_GONE = 'delete 3 x;stabilize;stabilize;get 2 x';
const GONE_FOR_ONE = `joinServer 0;joinServer 1;joinClient 2 0 causal;joinClient 3 1;${GET_GONE}`;
const ALL_ANEW = 'killServer 0;joinServer 0;createConnection 2 0;joinClient 4 0';
const GONE_FOR_ALL = `joinServer 0;joinClient 2 0;joinClient 3 0;put 3 x v;${GET_GONE};${ALL_ANEW}`;
const KEPT = 'protocol causal storage=log';
const MANY_BACK = [4, 0, 2, 1, 5].map((id) => `joinServer ${id}`).join(';');
const LINE_OF_FIVE = ['0 2', '0 3', '0 4', '1 3', '1 4', '2 4']
  .map((pair) => `breakConnection ${pair}`)
  .join(';');
const FIRST_DIES = 'put 6 x v1;stabilize;joinClient 7 0;stabilize;joinClient 8 4;killServer 1';
const TWO_CLIENTS = `${LINE_OF_FIVE};joinClient 5 0;joinClient 6 1`;
const PUSHER_DIES = 'stabilize;stabilize;get 7 x;delete 8 x;get 5 x;killServer 4;stabilize';

const REGRESSIONS: readonly Regression[] = [
  {
    wrong: 'checkers: a read behind an unanswered deletion that was forgotten broke RYW',
    protocol: 'causal',
    seed: 1,
    script: `joinServer 0;joinServer 1;joinClient 2 0;put 2 x v1;${UNANSWERED};stabilize;get 2 x`,
  },
  {
    wrong: 'checkers: the same, with the deletion of the session itself',
    protocol: 'causal',
    seed: 1,
    script: `joinServer 0;joinClient 1 0;put 1 x v1;${OWN_UNANSWERED}`,
  },
  {
    wrong: 'swarm: a round whose answer was late counted as one that had done nothing',
    protocol: 'causal',
    seed: 6,
    faults: 'loss=0.1',
    script: `protocol causal gossip=200ms;joinServer 0;joinServer 1;joinClient 3 0;${LATE}`,
  },
  {
    wrong: 'causal: a write was lost to a deletion that was forgotten before its server had joined',
    protocol: 'causal',
    seed: 1,
    script: `joinServer 1;joinClient 3 1;delete 3 x;stabilize;${NEWCOMER};put 4 x v1`,
  },
  {
    wrong: 'sim: a round was taken to begin when its root was asked, not when it had woken',
    protocol: 'causal',
    seed: 1,
    script: `joinServer 0;joinClient 1 0;${ASLEEP};stabilize;stabilize;resumeServer 0`,
  },
  {
    wrong: 'sim: a server that joined while the root was paused was taken to be known to it',
    protocol: 'causal',
    seed: 1,
    script: `joinServer 0;joinClient 1 0;${ASLEEP};stabilize;stabilize;joinServer 2;resumeServer 0`,
  },
  {
    wrong: 'causal: of two writes that a newcomer let wait, one passed the invariants by',
    protocol: 'causal',
    seed: 112,
    script: `joinServer 0;joinClient 2 0;${ALONE};joinClient 3 0;${WAITING};resumeServer 1`,
  },
  {
    wrong: 'causal: the invariants held newcomers to deletions of which no living server knew',
    protocol: 'causal',
    seed: 1,
    script: `joinServer 0;joinClient 2 0;${FORGOTTEN};${AFTER}`,
  },
  {
    wrong: 'causal: the same, with a newcomer that is there when the last of them dies',
    protocol: 'causal',
    seed: 26627,
    script: `joinServer 0;joinClient 2 0;${FORGOTTEN};pauseServer 0;joinServer 1;${LAST_DIES}`,
  },
  {
    wrong: 'checkers: who found nothing where a deletion was forgotten had to find it elsewhere',
    protocol: 'causal',
    seed: 28846,
    script: `joinServer 0;joinServer 1;joinClient 2 1;joinClient 3 0;${FORGOTTEN};${NOTHING_TWICE}`,
  },
  {
    wrong: 'swarm: a block with many operations of one client had the time of one',
    protocol: 'causal',
    seed: 1,
    script: SLOW,
  },
  {
    wrong: 'chain: the invariants forgot that a server without a disk keeps what it was given',
    protocol: 'chain',
    seed: 284,
    faults: 'tail=0.2:3000',
    script: `${FOUR};${MUTED}`,
  },
  {
    wrong: 'chain: who came back alone answered before its configuration was on its slow disk',
    protocol: 'chain',
    seed: 1,
    faults: 'disk-delay=1..60',
    script: `${LOGGED};joinServer 0;joinClient 1 0;put 1 x v1;${RETURN};${AGAIN}`,
  },
  {
    wrong: 'chain: who was left alone in a chain did the same',
    protocol: 'chain',
    seed: 5,
    faults: 'disk-delay=1..60',
    script: `${LOGGED};${THREE};${LAST_LEFT}`,
  },
  {
    wrong: 'chain: joinServer returned before the first configuration was on the disk',
    protocol: 'chain',
    seed: 1416,
    script: `${LOGGED};joinServer 0;${RETURN}`,
  },
  {
    wrong:
      'chain: the last of a chain lost its place on a ring that had grown, and its keys with it',
    protocol: 'chain',
    seed: 14351,
    faults: 'disk-delay=1..5,disk-failure=0.02',
    script: `protocol chain storage=log;${FIVE};killServer 4;${MANY_BACK}`,
  },
  {
    wrong: 'chain: in a new run the first that came without a log began a ring of its own',
    protocol: 'chain',
    seed: 1,
    faults: 'new-run=1',
    script: `${LOGGED};joinServer 0;killServer 0;joinServer 1;joinServer 0`,
  },
  {
    wrong: 'chain: the same, with writes in the logs of those that came later',
    protocol: 'chain',
    seed: 1,
    faults: 'new-run=1',
    script: `${LOGGED};${TRIO};joinClient 4 1;put 4 x v1;${ALL_DIE};joinServer 3;${TRIO}`,
  },
  {
    wrong: 'chain: a new run did not know who had been in a chain that had died out',
    protocol: 'chain',
    seed: 17,
    faults: 'disk-full=0.01,new-run=1',
    script: `${LOGGED};${AFAR};killServer 999999;joinServer 999999;killServer 0`,
  },
  {
    wrong:
      'chain: a slow disk had not what its server was in sync with, and a tail read without it',
    protocol: 'chain',
    seed: 6,
    faults: 'disk-delay=1..60,disk-tail=0.1:1500,new-run=0.5',
    script: `${PLAIN_LOGGED};${SLOW_TAIL};${TAIL_DIES};joinServer 2;get 3 x`,
  },
  {
    wrong: 'chain: a copy of a write that was refused for certain came later, and was done',
    protocol: 'chain',
    seed: 21539,
    faults: `${HARSH},disk-delay=1..5,disk-full=0.05,disk-compaction=10000`,
    script: `${PLAIN_LOGGED};${FIVE};${FIVE_CUTS};${FIVE_CLIENTS};${FIVE_OPERATIONS}`,
  },
  {
    wrong: 'causal: a copy of a write that was done was told, on a full disk, that it was not',
    protocol: 'causal',
    seed: 4,
    faults: 'duplication=0.5,disk-full=0.2',
    script: `${KEPT};joinServer 0;joinServer 1;joinClient 2 0 causal;stabilize;put 2 x v1;get 2 x`,
  },
  {
    wrong: 'causal: a round was answered without a push that was on its way to the disk',
    protocol: 'causal',
    seed: 113101,
    faults: 'duplication=0.05,delay=1..100,disk-delay=1..60',
    script: `${KEPT} gossip=200ms;${FIVE};${TWO_CLIENTS};${FIRST_DIES};${PUSHER_DIES}`,
  },
  {
    wrong: 'checkers: who found nothing twice was held to a forgotten deletion',
    protocol: 'causal',
    seed: 1,
    script: `joinServer 0;joinClient 1 0;joinClient 2 0 causal;${GONE}`,
  },
  {
    wrong: 'causal: a session did not depend on a collected deletion that it had found',
    protocol: 'causal',
    seed: 1,
    script: `${GONE_FOR_ONE};${SERVER_1_ANEW};put 2 x v1`,
  },
  {
    wrong: 'causal: the same, without `causal`: the key had an older value again',
    protocol: 'causal',
    seed: 1,
    script: `${GONE_FOR_ALL};put 4 x older;get 2 x`,
  },
  {
    wrong: 'swarm: a server was to come back whose id a client had taken',
    protocol: 'chain',
    seed: 1,
    script: `${LOGGED};joinServer 0;pauseServer 0;joinServer 1;killServer 0;joinClient 0 1`,
  },
  {
    wrong: 'language: a server was told of a link to one that had died beside the line',
    protocol: 'quorum',
    seed: 1,
    script: `protocol quorum;joinServer 0;joinServer 1;concurrently;${RELINKED};killServer 0;end`,
  },
  {
    wrong: 'swarm: a get had to be answered although the owner of its token never joined',
    protocol: 'quorum',
    seed: 1,
    script:
      'protocol quorum partitioner=tokens owners=0,1,0,2 read=all;joinServer 0;joinServer 1;' +
      'joinClient 3 0;put 3 2 v',
  },
  {
    wrong: 'quorum: the invariants did not know a tombstone that was durable at a death',
    protocol: 'quorum',
    seed: 3502,
    faults: 'disk-tail=0.02:1500,disk-failure=0.08',
    script:
      'protocol quorum n=1 read=one timeout=200ms storage=log;joinServer 0;joinClient 1 0;' +
      'delete 1 x;joinServer 0;stabilize',
  },
  {
    wrong: 'checkers: a hint for one replica was held to be owed to another one',
    protocol: 'quorum',
    seed: 1,
    script:
      'protocol quorum n=2 vnodes=1;joinServer 0;joinServer 1;joinClient 4 1;' +
      'createConnection 4 0;killServer 1;joinServer 3;put 4 x v9 w=1;' +
      'killServer 3;joinServer 3;stabilize',
  },
  {
    wrong: 'a write was taken for lost whose only replica was dead, and its id a client',
    protocol: 'quorum',
    seed: 1,
    script:
      'protocol quorum vnodes=4 read=one write=one repair=off timeout=200ms storage=log;' +
      'joinServer 0;joinServer 1;joinServer 2;joinServer 3;breakConnection 1 3;joinClient 4 1;' +
      'pauseServer 0;put 4 0 v1;killServer 2;joinClient 2 3;killServer 0;joinServer 0',
  },
  {
    wrong: 'quorum: a hint came to the old owner of a key after the newcomer had copied from it',
    protocol: 'quorum',
    seed: 36513,
    faults: 'disk-full=0.05',
    script:
      'protocol quorum partitioner=hash n=1 vnodes=1 read=one write=one quorum=sloppy ' +
      'versions=vector repair=both timeout=200ms storage=log;joinServer 999999;joinServer 70000;' +
      'joinServer 0;joinClient 2 0;killServer 70000;get 2 x ALL;killServer 0;joinServer 6;' +
      'joinServer 7;joinClient 13 7;put 13 z v1',
  },
  {
    wrong: 'quorum: a server that had not heard of the ring counted as reached by a round',
    protocol: 'quorum',
    seed: 78450,
    faults: 'service-delay=0..300,service-tail=0.2:3000,service-cut=0.1',
    script:
      'protocol quorum partitioner=hash n=3 vnodes=4 read=quorum write=one versions=vector ' +
      'repair=read gossip=off interval=0.5s..0.8s timeout=2s suspectOnError=on;joinServer 0;' +
      'joinServer 1;joinServer 2;joinServer 3;breakConnection 0 2;breakConnection 1 3;' +
      'joinClient 4 1;joinClient 4 2;joinClient 5 2;gossip on;get 5 x ALL;stabilize;heal;' +
      'gossip on;transfer;put 5 x v1 one;gossip off;stabilize',
  },
  {
    wrong: 'simulation: a command of a service was never answered when a new run began',
    protocol: 'sharded',
    seed: 1,
    faults: 'new-run=1',
    script:
      'protocol sharded join=manual storage=log;joinServer 0;concurrently;join 0;killServer 0;end',
  },
  {
    wrong: 'sharded: S2 compared shards of a move that was undone with later writes',
    protocol: 'sharded',
    seed: 402239,
    faults:
      'delay=1..100,disk-tail=0.1:1500,disk-failure=0.005,disk-compaction=10000,' +
      'service-delay=0..300',
    script:
      'protocol sharded partitioner=range groups=none sync=1 interval=off storage=log;' +
      'joinServer 0;joinServer 1;joinServer 2;joinServer 3;joinServer 1;joinClient 4 0;' +
      'put 4 40 v1;joinServer 1',
  },
  {
    wrong: 'sharded: a write that a full disk had counted as certainly not done',
    protocol: 'sharded',
    seed: 616967,
    faults: 'disk-tail=0.1:300,disk-full=0.05,disk-compaction=100',
    script:
      'protocol sharded partitioner=hash slots=8 groups=1 sync=all join=auto append=right ' +
      'cache=on storage=log;joinServer 0;stabilize;stabilize;stabilize;stabilize;stabilize;' +
      'stabilize;killServer 0;joinServer 0;stabilize;stabilize;joinServer 2;joinServer 3;' +
      'joinServer 4;joinServer 5;joinClient 7 3;joinClient 6 5;put 6 x v1;concurrently;' +
      'put 6 x v2;put 7 x v3;sleep 300ms;killServer 4;end;joinServer 4;get 6 x',
  },
  {
    wrong: 'sharded: a server that had come back served by a report from before it was removed',
    protocol: 'sharded',
    seed: 602922,
    faults: 'delay=1..300,tail=0.2:500,service-delay=0..300,service-tail=0.2:3000,service-cut=0.3',
    script:
      'protocol sharded partitioner=hash slots=64 groups=1;joinServer 0;joinServer 1;' +
      'joinServer 2;breakConnection 0 1;joinClient 3 0;joinClient 4 2;get 3 x;get 4 x;put 4 x v1;' +
      'get 3 x;killServer 0;joinServer 0',
  },
  {
    wrong: 'sharded: a late snapshot of its first stay set a server back that had come back',
    protocol: 'sharded',
    seed: 607075,
    faults: 'duplication=0.05,tail=0.2:3000,service-delay=0..20,service-tail=0.2:3000',
    script:
      'protocol sharded partitioner=range groups=1 sync=1 interval=off append=left cache=off;' +
      'joinServer 999999;joinServer 70000;joinServer 0;joinServer 1;breakConnection 999999 0;' +
      'breakConnection 70000 1;joinClient 2 0;delete 2 7;put 2 0 v1;delete 2 0',
  },
  {
    wrong: 'sharded: a new run undid a leave that only the disk of the server knew that had left',
    protocol: 'sharded',
    seed: 4,
    faults: 'disk-full=0.05,disk-compaction=1000,new-run=1',
    script:
      'protocol sharded partitioner=hash groups=none append=right storage=log;joinServer 0;' +
      'joinServer 1;joinClient 2 0;put 2 x v1;leave 0;killServer 1',
  },
  {
    wrong: 'sharded: S5 compared a paused server with a log that its primary had cut since',
    protocol: 'sharded',
    seed: 1,
    faults: 'service-tail=0.05:1500',
    script:
      'protocol sharded partitioner=hash slots=8 groups=1 sync=1 interval=off;joinServer 0;' +
      'joinServer 1;joinServer 2;joinClient 3 2;joinClient 4 2;put 3 x v1;pauseServer 1;lpop 4 x;' +
      'resumeServer 1',
  },
];

function toTestCase({ protocol: name, seed, script, faults = 'none' }: Regression): TestCase {
  const protocol = PROTOCOLS.find((known) => known.name === name);
  if (protocol === undefined) throw new Error(`no protocol ${name}`);
  return { protocol, seed, faults: parseFaults(faults), lines: script.split(';') };
}

test.each(sample(REGRESSIONS, 10).map((regression) => [regression.wrong, regression] as const))(
  '%s',
  async (_, regression) => {
    const language = createScriptLanguage(PROTOCOLS);
    expect((await runTwice(language, toTestCase(regression))).failure).toBeUndefined();
  },
);
