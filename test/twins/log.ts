// The failing twins of the log.
import type { Twin } from './mutate.ts';

const log = 'src/log/log.ts';
const recovery = 'src/log/recovery.ts';
const reading = 'src/log/reading.ts';
const wholeFile = 'src/log/wholeFile.ts';
const frame = 'src/log/frame.ts';

export const LOG_TWINS: readonly Twin[] = [
  {
    name: 'an append is acknowledged before its sync',
    edits: [
      {
        file: log,
        find: `    await file.sync();
    this.#end += frame.length;
    this.#link = linkAfterFrame(frame);
    for (const { resolve } of group) resolve();`,
        replace: `    for (const { resolve } of group) resolve();
    await file.sync();
    this.#end += frame.length;
    this.#link = linkAfterFrame(frame);`,
      },
    ],
    caughtBy: /lost/,
  },
  {
    name: 'the last good records are dropped on recovery',
    edits: [
      {
        file: recovery,
        find: 'if (file.size > end) await file.truncate(end);',
        replace: 'if (file.size > end) await file.truncate(lastOffset);',
      },
    ],
    caughtBy: /lost|in the place of|not damaged: E_LOG_CORRUPT/,
  },
  {
    name: 'a torn tail is not cut off',
    edits: [
      { file: recovery, find: 'if (file.size > end) await file.truncate(end);', replace: '' },
      {
        file: recovery,
        find: 'return { file, end, link, length: replay.length };',
        replace: 'return { file, end: file.size, link, length: replay.length };',
      },
    ],
    caughtBy: /damaged at byte|not damaged: E_LOG_CORRUPT/,
  },
  {
    name: 'damage in the middle passes for a torn tail',
    edits: [
      {
        file: reading,
        find: '  if (offset < size) await assertTorn(window, offset, size, path);\n',
        replace: '',
      },
    ],
    caughtBy: /lost|the flipped bit/,
  },
  {
    name: 'the checksum is not looked at',
    edits: [
      {
        file: frame,
        find: 'return payload.length === length && crc32c(payload) === checksum;',
        replace: 'return payload.length === length && checksum >= 0;',
      },
    ],
    caughtBy: /flipped bit/,
  },
  {
    name: 'a failed sync is tried again',
    edits: [
      {
        file: log,
        find: '    await file.sync();\n    this.#end',
        replace: '    await file.sync().catch(() => file.sync());\n    this.#end',
      },
    ],
    caughtBy: /lost|damaged at byte/,
  },
  {
    name: 'the log goes on behind a record that did not fit',
    edits: [
      {
        file: log,
        find: '      this.#refuse(error.message, group);\n      return;',
        replace: `      for (const { reject } of group) reject(new CallError('E_STORAGE'));
      this.#end = file.size;
      return;`,
      },
    ],
    caughtBy: /damaged at byte|not damaged: E_LOG_CORRUPT/,
  },
  {
    name: 'the old log is removed before the new one is durable',
    edits: [
      {
        file: log,
        find: '    try {\n      await prepareFile(disk, LOG,',
        replace: `    try {
      await disk.remove(LOG);
      await disk.syncFolder();
      await prepareFile(disk, LOG,`,
      },
    ],
    caughtBy: /E_LOG_MISSING/,
  },
  {
    name: 'the new log gets its name before it is durable',
    edits: [
      {
        file: wholeFile,
        find: '    await file.sync();\n    await file.close();',
        replace: '    await file.close();',
      },
    ],
    caughtBy: /lost|not a log|not damaged: E_LOG/,
  },
  {
    name: "the new log's name is not made durable",
    edits: [
      {
        file: wholeFile,
        find: '  await disk.syncFolder();\n}\n\n/** Replaces a file',
        replace: '}\n\n/** Replaces a file',
      },
      {
        file: log,
        find: '    await disk.syncFolder();\n    await (this.#file as DiskFile).close();',
        replace: '    await (this.#file as DiskFile).close();',
      },
    ],
    caughtBy: /lost|in the place of|E_LOG/,
  },
  {
    name: 'a compaction misses what was appended meanwhile',
    edits: [
      {
        file: log,
        find: '    this.#link = linkAfterFrame(last);\n    resolve();',
        replace: `    this.#link = linkAfterFrame(last);
    for (const job of this.#queue.splice(0)) job.resolve();
    resolve();`,
      },
    ],
    caughtBy: /lost|in the place of/,
  },
  {
    name: 'what was found after a crash is not made durable before it is used',
    edits: [
      {
        file: recovery,
        find: `  await file.write(lastOffset, await file.read(lastOffset, end - lastOffset));
  await file.sync();
`,
        replace: '',
      },
    ],
    caughtBy: /lost/,
  },
  {
    name: 'the number and the link of a frame are not looked at',
    edits: [
      {
        file: frame,
        find: 'return header.number === number && header.before === before;',
        replace: 'return header.number + number + before >= 0;',
      },
    ],
    caughtBy: /a misplaced frame/,
  },
  {
    name: 'frames are numbered, and not linked',
    edits: [
      {
        file: frame,
        find: 'return header.number === number && header.before === before;',
        replace: 'return header.number === number && before >= 0;',
      },
    ],
    caughtBy: /a misplaced frame/,
  },
  {
    name: 'every log of a server has the same head',
    edits: [
      {
        file: recovery,
        find: 'const head = { run, protocol, server, life, file, compacted: texts.length };',
        replace: `const one = 0 * (life + file);
  const head = { run, protocol, server, life: one, file: one, compacted: texts.length };`,
      },
    ],
    caughtBy: /a misplaced frame/,
  },
];
