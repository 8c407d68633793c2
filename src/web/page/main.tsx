// The page's program.
import { render } from 'preact';
import { App } from './app.tsx';
import { Bench } from './bench.ts';
import { openPage, readPageData } from './opening.tsx';
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

const source = { script: START, protocol: 'causal', seed: 1, faults: '' };
const root = document.getElementById('page');
const data = readPageData();
if (root !== null && data !== undefined) void openPage(data, root);
else if (root !== null) {
  const bench = new Bench(source, startWorker(PROGRAM));
  // For tests in a real browser, and for a look from the browser's own console.
  Object.assign(window, { causeway: bench });
  render(<App bench={bench} />, root);
}
