// Chromium for tests of the page, and the page as a user has it: files in a temporary folder,
// opened without a web server.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { vi } from 'vitest';

/** A browser on a busy machine is slow. This ends what hangs; no test counts on it to pass. */
const LIMIT_MS = 120_000;
vi.setConfig({ testTimeout: LIMIT_MS, hookTimeout: LIMIT_MS });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where packages of Debian and Ubuntu, and Google's, put it. */
const USUAL_PATHS = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];

/** It must neither speak to other hosts nor need a graphics card. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

function findChromium(): string {
  const { CAUSEWAY_CHROMIUM } = process.env;
  const paths = CAUSEWAY_CHROMIUM === undefined ? USUAL_PATHS : [CAUSEWAY_CHROMIUM];
  const path = paths.find((candidate) => existsSync(candidate));
  if (path !== undefined) return path;
  throw new Error(
    `no Chromium at ${paths.join(', ')}: the tests of the page need it. Install it with ` +
      '`apt-get install chromium`, or name its program in CAUSEWAY_CHROMIUM',
  );
}

/** A browser with a user data folder of its own, and the built page beside it. */
export class PageBrowser {
  readonly folder: string;
  readonly #browser: Browser;

  constructor(folder: string, browser: Browser) {
    this.folder = folder;
    this.#browser = browser;
  }

  /** A file of the folder, or an address, in a context of its own. `close` of the page ends it. */
  async open(file: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
    const context = await this.#browser.newContext({ acceptDownloads: true, ...options });
    context.setDefaultTimeout(LIMIT_MS);
    const page = await context.newPage();
    const opened = new OpenPage(page);
    await page.goto(new URL(file, pathToFileURL(`${this.folder}/`)).href);
    return opened;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A page, and what went wrong in it: errors of its program, and complaints of the browser. */
export class OpenPage {
  readonly page: Page;
  readonly problems: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.problems.push(message.text());
    });
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

/** Starts Chromium, and writes the page of `dist` into a temporary folder. */
export async function startBrowser(): Promise<PageBrowser> {
  const executablePath = findChromium();
  const folder = mkdtempSync(join(tmpdir(), 'causeway-page-'));
  try {
    causeway(['page', '--out', folder]);
    const browser = await chromium.launch({ executablePath, args: FLAGS });
    return new PageBrowser(folder, browser);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What a run ends with: all is well, a level is broken, or a line is bad. */
const STATUSES = new Set([0, 1, 65]);

/** Runs the built program to its end. Returns what it printed. */
export function causeway(words: readonly string[], input = ''): string {
  const program = [join(ROOT, 'master.js'), ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, program, {
    input,
    encoding: 'utf8',
  });
  if (status !== null && STATUSES.has(status)) return stdout;
  throw new Error(`causeway ${words.join(' ')} ended with ${status}: ${stderr}`);
}

/** A live run of the built program. */
export interface LiveProgram {
  readonly address: string;
  /** Resolves with the exit status when the run has ended. */
  readonly ended: Promise<number | null>;
  /** What it has printed on stdout until now. */
  readonly answers: () => string;
  stop(): Promise<void>;
}

/** Starts `causeway serve`. Resolves when it has printed its address. */
export async function serve(words: readonly string[]): Promise<LiveProgram> {
  const child = spawn(process.execPath, [join(ROOT, 'master.js'), 'serve', ...words]);
  const ended = once(child, 'close').then(([status]) => status as number | null);
  let answers = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    answers += text;
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    await ended;
  };
  let said = '';
  for await (const text of child.stderr.setEncoding('utf8')) {
    said += text;
    const [, address] = /live: (http:\S+)\n/.exec(said) ?? [];
    if (address !== undefined) return { address, ended, answers: () => answers, stop };
  }
  throw new Error(`causeway serve has printed no address: ${said}`);
}
