// A master for tests that must end it, starve it, or observe it from outside: a process that opens
// a world, reports its progress on stdout, and then waits.
import { EnvironmentError } from '../../src/kernel/cluster.ts';
import { createProcessPool } from '../../src/processes/processPool.ts';
import { createProcessCluster } from '../../src/processes/realWorld.ts';
import { tiny } from './tinyProtocol.ts';

const [, , bundles = '', mode = 'wait', count = '2'] = process.argv;
const say = (word: string): boolean => process.stdout.write(`${word}\n`);

const pool = createProcessPool({ bundles });
const world = createProcessCluster({ protocol: tiny, options: {}, seed: 1 }, { pool });

async function run(): Promise<void> {
  pool.expect({ server: 2, client: 1 });
  say('expected');
  await world.start({ role: 'server', id: 0, incarnation: 1 });
  say('started');
  await world.start({ role: 'server', id: 1, incarnation: 1 });
  await world.start({ role: 'client', id: 2, incarnation: 1 });
  await world.link(0, 1);
  await world.link(2, 0);
  say('linked');
  await world.pause(1);
  await world.pause(2);
  say('paused');
  await world.ask(0, 'command', { name: 'print', args: ['from a child'] });
  say('printed');
}

async function startMany(): Promise<void> {
  try {
    for (let id = 0; id < Number(count); id += 1) {
      await world.start({ role: 'server', id, incarnation: 1 });
    }
    say('started');
  } catch (error) {
    say(error instanceof EnvironmentError ? error.code : String(error));
  }
  await world.stop();
  say('stopped');
}

if (mode === 'no-program') process.execPath = '/nonexistent/node';
void (mode === 'wait' ? run() : startMany());
