// The playground: begins with a small script, or with what the address holds.
import { signal } from '@preact/signals';
import { render } from 'preact';
import { decodeLink, LinkError } from '../share/link.ts';
import type { RunSource } from '../view.ts';
import { App } from './app.tsx';
import { Bench } from './bench.ts';
import { startWorker } from './worker.ts';
import { PROGRAM } from './workerProgram.ts';

const START = `# Two servers that are cut off from each other, and then not.
joinServer 0
joinServer 1
joinClient 2 0
joinClient 3 1
breakConnection 0 1
put 2 tea green
get 3 tea
createConnection 0 1
stabilize
get 3 tea
`;

const USUAL: RunSource = { script: START, protocol: 'causal', seed: 1, faults: '' };

const notice = signal('');

export async function startPlayground(root: Element): Promise<void> {
  // The worker reads its program while this thread does the rest.
  const runner = startWorker(PROGRAM);
  const hasLink = location.hash.length > 1;
  const source = hasLink ? ((await readAddress()) ?? USUAL) : USUAL;
  const bench = new Bench(source, runner);
  // For tests in a real browser, and for a look from the browser's own console.
  Object.assign(window, { causeway: bench });
  render(<App bench={bench} notice={notice} />, root);
  addEventListener('hashchange', async () => {
    const given = await readAddress();
    if (given !== undefined) bench.begin(given);
  });
}

/** The source that the address holds; undefined, with a notice, if it holds none. */
async function readAddress(): Promise<RunSource | undefined> {
  try {
    const source = await decodeLink(location.hash.slice(1));
    notice.value = '';
    return source;
  } catch (error) {
    notice.value = error instanceof LinkError ? error.message : String(error);
    return undefined;
  }
}
