// The page's state, as tests read it: `window.causeway` is the page's Bench.
import type { JSHandle, Page } from 'playwright-core';
import type { RunSource, RunView } from '../../src/web/view.ts';

interface ReadSignal<T> {
  readonly value: T;
  /** Calls back at once, and at each change. */
  subscribe(hear: (value: T) => void): () => void;
}

/** The part of Bench (src/web/page/bench.ts) that tests use. */
interface ShownBench {
  readonly source: ReadSignal<RunSource>;
  readonly view: ReadSignal<RunView | undefined>;
  readonly isRunning: ReadSignal<boolean>;
  readonly cursor: ReadSignal<number>;
  readonly line: ReadSignal<number | undefined>;
  edit(change: Partial<RunSource>): void;
}

/** A report reads its run before it has a bench. */
async function benchOf(page: Page): Promise<JSHandle<ShownBench>> {
  const bench = await page.waitForFunction('window.causeway');
  return bench as unknown as JSHandle<ShownBench>;
}

/** Gives the page another source, and waits for its run. */
export async function runInPage(page: Page, source: RunSource): Promise<RunView> {
  const bench = await benchOf(page);
  await bench.evaluate((shown, wanted) => shown.edit(wanted), source);
  return waitForView(page, source);
}

export async function readSource(page: Page): Promise<RunSource> {
  const bench = await benchOf(page);
  return bench.evaluate(({ source }) => source.value);
}

/** Waits until the page shows the run of the source. */
export async function waitForView(page: Page, source: RunSource): Promise<RunView> {
  const bench = await benchOf(page);
  // As a text, because a large value crosses to the test faster so.
  const json = await bench.evaluate((shown, wanted) => {
    const { script, protocol, seed, faults } = wanted;
    return new Promise<string>((resolve) => {
      let isOver = false;
      let stop = () => {};
      stop = shown.view.subscribe((view) => {
        const { source: made } = view ?? {};
        const isWanted =
          made?.script === script &&
          made.protocol === protocol &&
          made.seed === seed &&
          made.faults === faults;
        if (isOver || !isWanted) return;
        isOver = true;
        stop();
        resolve(JSON.stringify(view));
      });
      if (isOver) stop();
    });
  }, source);
  return JSON.parse(json) as RunView;
}

/** Waits until the page shows a run, and no other is under way. */
export async function waitForRun(page: Page): Promise<void> {
  const bench = await benchOf(page);
  await bench.evaluate(
    ({ view, isRunning }) =>
      new Promise<void>((resolve) => {
        const check = (): void => {
          if (view.value !== undefined && !isRunning.value) resolve();
        };
        view.subscribe(check);
        isRunning.subscribe(check);
      }),
  );
}
