// Server and client programs that contain only the protocols of the tests. They show what it takes
// to add a protocol, without adding it to the product.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const LOAD = `
  import { TEST_PROTOCOLS } from './test/support/protocols/registry.ts';
  import { tiny } from './test/support/tinyProtocol.ts';
  const protocols = [tiny, ...TEST_PROTOCOLS];
  export const loadProtocol = async (name) => protocols.find((one) => one.name === name) ?? tiny;
`;

const otherProtocols: Plugin = {
  name: 'other protocols',
  setup: ({ onLoad }) => {
    onLoad({ filter: /src\/protocols\/load\.ts$/ }, () => ({ contents: LOAD, resolveDir: ROOT }));
  },
};

/** Builds the programs before a file's tests and removes them afterwards; returns their folder. */
export function useTinyBundles(): () => string {
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
    await build({
      absWorkingDir: ROOT,
      entryPoints: {
        server: 'src/server/main.ts',
        client: 'src/client/main.ts',
        guard: 'src/processes/guardMain.ts',
        driver: 'test/support/driver.ts',
      },
      outdir: folder,
      outExtension: { '.js': '.cjs' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['bufferutil', 'utf-8-validate'],
      plugins: [otherProtocols],
      logLevel: 'error',
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}
