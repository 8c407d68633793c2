// The file of `--report`: the page with the run in it. The file is opened before the run, so that a
// name that cannot be written is found at once, and written at its end, however it ends.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { EnvironmentError } from '../kernel/cluster.ts';
import { type PageParts, toSingleFile } from '../web/file/document.ts';
import { encodeRun } from '../web/file/encode.ts';
import type { PageData } from '../web/file/pageData.ts';
import { type FirstView, GrowingView, type TakePart } from '../web/growingView.ts';
import { readPageParts } from './pageParts.ts';

export interface ReportSetup {
  /** The script's name. */
  readonly name: string;
  readonly first: FirstView;
  /** Whether the page can repeat the run, to show the stores at any moment. */
  readonly isRepeatable: boolean;
}

export class ReportFile {
  readonly #path: string;
  readonly #setup: ReportSetup;
  readonly #descriptor: number;
  readonly #page: PageParts;
  readonly #view: GrowingView;

  /** Replaces the file. Throws EnvironmentError E_IO. */
  constructor(path: string, setup: ReportSetup) {
    this.#path = path;
    this.#setup = setup;
    this.#page = readPageParts();
    this.#descriptor = this.#inWords(() => openSync(path, 'w'));
    this.#view = new GrowingView(setup.first);
  }

  readonly take: TakePart = (part) => this.#view.take(part);

  /** Writes what has been taken. Throws EnvironmentError E_IO. */
  close(): void {
    const { name, isRepeatable } = this.#setup;
    const run = encodeRun(this.#view.view());
    const data = JSON.stringify({ kind: 'report', isRepeatable, run } satisfies PageData);
    const title = `Causeway: ${name}`;
    this.#inWords(() => {
      try {
        writeFileSync(this.#descriptor, toSingleFile({ title, data, ...this.#page }));
      } finally {
        closeSync(this.#descriptor);
      }
    });
  }

  #inWords<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new EnvironmentError('E_IO', `${this.#path}: ${(error as Error).message}`);
    }
  }
}
