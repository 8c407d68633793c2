// Decides what the page is: a playground, the report of a run, or a view of one that goes on. The
// program that made the page has said so in it; a playground was told nothing.
import { render } from 'preact';
import type { PageData } from '../file/pageData.ts';
import { App } from './app.tsx';
import { Bench } from './bench.ts';
import { LiveBar } from './live/liveBar.tsx';
import { LiveClient } from './live/liveClient.ts';
import { decodeRun } from './report/decode.ts';
import { startWorker } from './worker.ts';
import { PROGRAM } from './workerProgram.ts';

/** Undefined for a playground. */
export function readPageData(): PageData | undefined {
  const text = document.getElementById('data')?.textContent;
  return text ? (JSON.parse(text) as PageData) : undefined;
}

/** Shows the report or the live run, or why it cannot be shown. */
export async function openPage(data: PageData, root: Element): Promise<void> {
  try {
    if (data.kind === 'report') await openReport(data, root);
    else if (data.kind === 'live') openLive(root);
    else throw new Error('This page does not know what it is to show.');
  } catch (error) {
    render(<Trouble why={(error as Error).message} />, root);
  }
}

async function openReport(
  { run, isRepeatable }: Extract<PageData, { kind: 'report' }>,
  root: Element,
): Promise<void> {
  render(<p class="report-wait">Reading the run…</p>, root);
  const view = await decodeRun(run);
  const runner = isRepeatable ? startWorker(PROGRAM) : undefined;
  const bench = new Bench(view.source, runner, view, { kind: 'report' });
  Object.assign(window, { causeway: bench });
  render(<App bench={bench} />, root);
}

function openLive(root: Element): void {
  const live = new LiveClient();
  Object.assign(window, { causeway: live.bench });
  const page = (
    <App bench={live.bench}>
      <LiveBar live={live} />
    </App>
  );
  render(page, root);
}

function Trouble({ why }: { readonly why: string }) {
  return (
    <main class="report-trouble">
      <h1>Causeway</h1>
      <p role="alert">{why}</p>
    </main>
  );
}
