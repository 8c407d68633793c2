// A bug is reported with its place in the sources, and as whose it is.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { ProtocolBug } from '../../src/kernel/errors.ts';
import { tellBug, tellBugBriefly } from '../../src/rpc/bugReport.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-bug-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The error that a file of that folder throws, which was made from a source with that name. */
function thrownBy(sourcefile: string, isMapped = true): Error {
  const source = '\n\nexport function read() {\n  throw new Error("oops");\n}\n';
  const { code, map } = transformSync(source, {
    ...{ sourcefile, sourcemap: 'external', format: 'cjs', minifyWhitespace: true },
  });
  const path = join(folder, `part ${sourcefile.replaceAll('/', '-')}.js`);
  writeFileSync(path, code);
  if (isMapped) writeFileSync(`${path}.map`, map);
  const { read } = createRequire(import.meta.url)(path) as { read: () => void };
  try {
    read();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it throws');
}

describe('the report of a bug', () => {
  it('names the source, its line and column, and the protocol that has it', () => {
    const error = thrownBy('src/protocols/mystore/index.ts');
    expect(tellBug(error)).toMatch(
      /^a bug in protocol mystore: Error: oops\n +at read \(src\/.*\/mystore\/index\.ts:4:9\)\n/,
    );
    expect(tellBugBriefly(error)).toBe('a bug in protocol mystore: oops');
  });

  it('names Causeway where no protocol is in the stack', () => {
    const error = thrownBy('src/kernel/node.ts');
    expect(tellBug(error)).toMatch(
      /^a bug in Causeway: Error: oops\n +at read \(src\/kernel\/node/,
    );
  });

  it('keeps the place in the part without a map of it', () => {
    const error = thrownBy('src/protocols/unmapped/index.ts', false);
    expect(tellBug(error)).toBe(`a bug in Causeway: ${error.stack}`);
  });

  it('takes what is no error as it is', () => {
    expect(tellBug('odd')).toBe('a bug in Causeway: odd');
  });

  it('names the protocol where the code of the world has found its mistake', () => {
    expect(tellBugBriefly(new ProtocolBug('unfit'))).toBe('a bug in the protocol: unfit');
  });
});
