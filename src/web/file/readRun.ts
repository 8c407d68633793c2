// Reads the text of a run that has been inflated, and says in plain words what is wrong with it.

import type { RunView } from '../view.ts';
import { type Column, RUN_FORMAT } from './column.ts';
import { fromColumn } from './fromColumn.ts';

/** Throws an Error whose message a reader of the page understands. */
export function readRun(text: string): RunView {
  const { format, version, run } = parse(text);
  if (format !== RUN_FORMAT.format) throw new Error('The data in this page is not a run.');
  if (version !== RUN_FORMAT.version) {
    throw new Error(`This page reads version ${RUN_FORMAT.version} of a run, not ${version}.`);
  }
  const view = unpack(run);
  const missing = LISTS.find((field) => !Array.isArray(view[field]));
  if (missing !== undefined || typeof view.source?.script !== 'string') {
    throw new Error(`The run in this page is incomplete: it has no ${missing ?? 'script'}.`);
  }
  return view as RunView;
}

const LISTS = ['said', 'events', 'history', 'earlier', 'looks'] as const;

function parse(text: string): { format?: unknown; version?: unknown; run?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new Error('The run in this page is damaged: its text is no JSON.');
  }
}

function unpack(run: unknown): Partial<RunView> {
  try {
    return Object(fromColumn(run as Column));
  } catch (error) {
    throw new Error(`The run in this page is damaged: ${(error as Error).message}.`);
  }
}
