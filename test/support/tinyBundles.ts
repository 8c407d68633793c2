// Server and client programs whose registry lists the tiny protocol and nothing else: what adding a
// protocol amounts to, without having it in the product.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const REGISTRY = `
  import { tiny } from './test/support/tinyProtocol.ts';
  export const findProtocol = (name) => (name === tiny.name ? tiny : undefined);
`;

const otherRegistry: Plugin = {
  name: 'another registry',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /httpApp\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './httpApp.cjs', external: true },
    );
    onLoad({ filter: /src\/protocols\/registry\.ts$/ }, () => ({
      contents: REGISTRY,
      resolveDir: ROOT,
    }));
  },
};

/** Builds the programs before a file's tests and removes them after; gives their folder. */
export function useTinyBundles(): () => string {
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
    await build({
      absWorkingDir: ROOT,
      entryPoints: {
        server: 'src/server/main.ts',
        client: 'src/client/main.ts',
        guard: 'src/master/guardMain.ts',
        httpApp: 'src/rpc/httpApp.ts',
        driver: 'test/support/driver.ts',
      },
      outdir: folder,
      outExtension: { '.js': '.cjs' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['bufferutil', 'utf-8-validate'],
      plugins: [otherRegistry],
      logLevel: 'error',
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}
