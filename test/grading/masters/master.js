// A master for the assignment: reads a script on stdin, prints the answers. The first argument is a
// mistake to make, or a design to have; none for the correct one.
import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Store } from './store.js';

const [mistake = ''] = process.argv.slice(2);

/** Designs that the assignment permits. */
const DESIGNS = {
  'other-tie-break': { isLast: (a, b) => a.server < b.server },
  eager: { gossip: 'eager' },
  'key-error': { lacking: 'ERR_KEY' },
  'whole-session': { isWholeSession: true },
  unsorted: { isReversed: true },
};

const store = new Store(DESIGNS[mistake], mistake);
const print = (line) => writeSync(1, `${line}\n`);
let commands = 0;
let held;

function printAll(lines) {
  for (const line of lines) {
    if (mistake !== 'out-of-order') print(line);
    else if (held === undefined) held = line;
    else {
      print(line);
      print(held);
      held = undefined;
    }
  }
}

const forever = () => new Promise(() => setInterval(() => undefined, 1000));

/** What goes wrong with the process, not with the store. */
const FAILURES = {
  hangs: async () => commands === 8 && forever(),
  'ignores-sigterm': async () => {
    process.on('SIGTERM', () => undefined);
    if (commands === 8) await forever();
  },
  crashes: async () => commands === 8 && process.exit(3),
  'kills-itself': async () => commands === 8 && process.kill(process.pid, 'SIGKILL'),
  'eats-memory': async () => {
    if (commands !== 8) return;
    const eaten = [];
    for (;;) {
      eaten.push(Buffer.alloc(16 * 2 ** 20, 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  },
  floods: async () => {
    for (const text = 'x'.repeat(65_535); commands === 8; ) print(text);
  },
  orphans: async () => {
    if (commands === 1) spawn('sleep', ['600'], { stdio: 'inherit' }).unref();
    if (commands === 1) spawn('sleep', ['601'], { stdio: 'ignore', detached: true }).unref();
  },
  'orphan-in-no-environment': async () => {
    if (commands !== 1) return;
    spawn('sleep', ['602'], { stdio: 'ignore', detached: true, env: {} }).unref();
    await new Promise((resolve) => setTimeout(resolve, 600));
  },
  banner: async () => commands === 1 && print('Welcome to my store'),
  echoes: async (line) => print(`> ${line}`),
  'ends-late': async () => undefined,
};

for await (const line of createInterface({ input: process.stdin })) {
  commands += 1;
  await FAILURES[mistake]?.(line);
  printAll(store.do(line));
}
if (mistake === 'ends-late') await forever();
process.exit(mistake === 'status' ? 4 : 0);
