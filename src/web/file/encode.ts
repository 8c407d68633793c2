// A run as the text that a report holds: its columns, deflated, in base64.
import { constants, deflateSync } from 'node:zlib';
import type { Json } from '../../kernel/json.ts';
import type { RunView } from '../view.ts';
import { RUN_FORMAT } from './column.ts';
import { toColumn } from './toColumn.ts';

/** What the page reads again (page/report/decode.ts). */
export function encodeRun(view: RunView): string {
  const text = JSON.stringify({ ...RUN_FORMAT, run: toColumn(view as unknown as Json) });
  // With zlib's frame, which has a checksum: a page notices damage instead of showing it.
  const bytes = deflateSync(text, { level: constants.Z_DEFAULT_COMPRESSION });
  return bytes.toString('base64');
}
