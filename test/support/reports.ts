// Reads the run that a report holds, as its page does.
import { readFileSync } from 'node:fs';
import type { PageData } from '../../src/web/file/pageData.ts';
import { decodeRun } from '../../src/web/page/report/decode.ts';
import type { RunView } from '../../src/web/view.ts';

const DATA = /<script type="application\/json" id="data">(.*)<\/script>/;

export function readPageData(html: string): PageData {
  return JSON.parse(DATA.exec(html)?.[1] ?? 'null');
}

export async function readReport(path: string): Promise<RunView> {
  const data = readPageData(readFileSync(path, 'utf8'));
  if (data?.kind !== 'report') throw new Error(`${path} holds no run`);
  return decodeRun(data.run);
}
