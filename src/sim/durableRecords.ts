// Reads the records that a simulated server's log would have if the power failed now, for the
// invariants. Decodes only what was added since the last call.

import type { DurableLog } from '../kernel/invariants.ts';
import type { Json } from '../kernel/json.ts';
import {
  decodeHeader,
  decodePayload,
  FIRST_LINK,
  FORMAT_LINE,
  HEADER_BYTES,
  hasLink,
  isWhole,
  linkAfter,
} from '../log/frame.ts';
import { LOG } from '../log/recovery.ts';
import type { SimDisk } from './simDisk.ts';
import type { SimFile } from './simFile.ts';

/** Gives the records without the log's head; all of them anew after a compaction. */
export function createDurableReader(disk: SimDisk): () => DurableLog {
  let file: SimFile | undefined;
  let generation = 0;
  let offset = 0;
  let link = FIRST_LINK;
  let records: Json[] = [];
  const start = (found: SimFile | undefined): void => {
    file = found;
    generation += 1;
    offset = FORMAT_LINE.length;
    link = FIRST_LINK;
    records = [];
  };
  return () => {
    const found = disk.durableFile(LOG);
    if (found !== file || (found !== undefined && found.durableSize < offset)) start(found);
    while (file !== undefined) {
      const header = decodeHeader(file.readDurable(offset, HEADER_BYTES));
      if (header === undefined || !hasLink(header, link)) break;
      const payload = file.readDurable(offset + HEADER_BYTES, header.length);
      if (!isWhole(header, payload)) break;
      if (offset > FORMAT_LINE.length)
        for (const record of decodePayload(payload)) records.push(record);
      offset += HEADER_BYTES + header.length;
      link = linkAfter(header);
    }
    return { generation, records };
  };
}
