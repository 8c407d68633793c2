// What the page's diagram takes to open a long run, to move over it and to step through it, in a
// real browser. The browser has no graphics processor here: with one a frame takes less.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as modules from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { median, quantile, show } from './measure.ts';

// A table runs from a folder without packages of its own.
const packages = modules.createRequire(join(process.cwd(), 'package.json'));
const { build } = packages('esbuild') as typeof import('esbuild');
const { chromium } = packages('playwright-core') as typeof import('playwright-core');

const BROWSER = process.env.CAUSEWAY_CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--no-sandbox', '--disable-gpu', '--enable-precise-memory-info'];
const LENGTHS = [1_000, 100_000, 1_000_000];
/** What the diagram is to keep, in milliseconds. */
const MOST = { open: 2000, frame: 50 };
const FRAMES = 40;

/** The diagram alone, with a run that is made in the page. */
const ENTRY = `
import { render, h } from 'preact';
import { Bench } from './src/web/page/bench.ts';
import { Diagram } from './src/web/page/diagram/diagram.tsx';
import { createRun } from './bench/syntheticRun.ts';

const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve()));
const plot = () => document.querySelector('.diagram-canvas');
let bench;

globalThis.openRun = async (length) => {
  const view = createRun(length);
  const began = performance.now();
  bench = new Bench(view.source, undefined, view);
  render(h(Diagram, { bench }), document.getElementById('page'));
  while (plot() === null || plot().width < 400) await frame();
  await frame();
  await frame();
  return performance.now() - began;
};

/** Times from each input to the start of the frame after the one that shows it. */
globalThis.timeFrames = async (count, input) => {
  const times = [];
  for (let at = 0; at < count; at += 1) {
    await frame();
    const began = performance.now();
    input(at);
    await frame();
    const painted = performance.now() - began;
    times.push(painted);
  }
  return times;
};

const wheel = (fields) => {
  const { left, top, width, height } = plot().getBoundingClientRect();
  const at = { clientX: left + width * 0.6, clientY: top + height / 2 };
  plot().dispatchEvent(new WheelEvent('wheel', { ...at, ...fields, cancelable: true }));
};
const press = (key) =>
  document.querySelector('.diagram-plot')
    .dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));

globalThis.inputs = {
  zoomIn: () => wheel({ deltaY: -200 }),
  pan: (at) => wheel({ deltaX: at % 8 < 4 ? 120 : -120 }),
  zoomOut: () => wheel({ deltaY: 200 }),
  step: () => press('ArrowLeft'),
  select: () => press('Enter'),
};
globalThis.usedMemory = () => performance.memory.usedJSHeapSize / 2 ** 20;
`;

interface Globals {
  openRun(length: number): Promise<number>;
  timeFrames(count: number, input: (at: number) => void): Promise<number[]>;
  usedMemory(): number;
  readonly inputs: { readonly [name: string]: (at: number) => void };
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: process.cwd(), loader: 'ts' },
    ...{ bundle: true, minify: true, platform: 'browser', format: 'iife', target: 'es2022' },
    ...{ jsx: 'automatic', jsxImportSource: 'preact', write: false, logLevel: 'error' },
  });
  return outputFiles[0]?.text ?? '';
}

async function measure(page: Page, length: number): Promise<string[]> {
  await page.reload();
  const open = await page.evaluate(
    (asked) => (globalThis as unknown as Globals).openRun(asked),
    length,
  );
  const times = (name: string, count: number): Promise<number[]> =>
    page.evaluate(
      ([input, asked]) => {
        const own = globalThis as unknown as Globals;
        return own.timeFrames(asked, own.inputs[input] as (at: number) => void);
      },
      [name, count] as const,
    );
  // The window is the whole run at first, then ever less of it.
  const cells = [await times('zoomIn', FRAMES), await times('pan', FRAMES)];
  cells.push(await times('zoomOut', FRAMES), await times('pan', FRAMES));
  cells.push(await times('step', FRAMES), await times('select', 5));
  const memory = await page.evaluate(() => (globalThis as unknown as Globals).usedMemory());
  return [
    length.toLocaleString('en-US'),
    `${show(open)}${open <= MOST.open ? '' : ' missed'}`,
    ...cells.map((own) => showFrames(own)),
    `${show(memory)} MB`,
  ];
}

function showFrames(times: readonly number[]): string {
  const slow = quantile(times, 0.95);
  return `${show(median(times))}, ${show(slow)}${slow <= MOST.frame ? '' : ' missed'}`;
}

async function measureAll(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-page-'));
  const browser = await chromium.launch({ executablePath: BROWSER, args: FLAGS });
  try {
    const style = readFileSync('dist/page.css', 'utf8');
    const grid = '#page { display: grid; block-size: 560px }';
    const file = join(folder, 'page.html');
    writeFileSync(
      file,
      `<!doctype html><meta charset="utf-8"><style>${style}${grid}</style><div id="page"></div>` +
        `<script>${(await bundle()).replaceAll('</script', '<\\/script')}</script>`,
    );
    const page = await browser.newPage({ viewport: { width: 1280, height: 640 } });
    await page.goto(pathToFileURL(file).href);
    const head = ['events', 'open', 'zoom in', 'pan, near', 'zoom out', 'pan, far'];
    head.push('step', 'select', 'memory');
    process.stdout.write(
      `Milliseconds: median and 95th percentile of ${FRAMES} frames, from an input until it is ` +
        `painted.\nTargets: open ${MOST.open}, a frame ${MOST.frame}.\n\n` +
        `| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|\n`,
    );
    for (const length of LENGTHS) {
      process.stdout.write(`| ${(await measure(page, length)).join(' | ')} |\n`);
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

if (existsSync(BROWSER)) await measureAll();
else process.stdout.write(`Left out: it needs Chromium, and there is none at ${BROWSER}.\n`);
