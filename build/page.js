// Builds the page: the program of its worker, then its own, which holds the worker's as a text. The
// result is the three texts of which `causeway page` makes files.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const OPTIONS = {
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  write: false,
  logLevel: 'error',
};

/** Resolves with `script` and `style`, and `measurements`: the style of the pages of evaluations. */
export async function bundlePage(esbuild, root) {
  const build = async (entry, define = {}) => {
    const built = await esbuild.build({
      ...OPTIONS,
      absWorkingDir: root,
      entryPoints: [entry],
      define,
    });
    return built.outputFiles[0].text;
  };
  const worker = await build('src/web/run/workerMain.ts');
  const script = await build('src/web/page/main.tsx', {
    WORKER_PROGRAM: JSON.stringify(worker),
    EXAMPLES: JSON.stringify(readExamples(root)),
  });
  return {
    script,
    style: await build('src/web/page/style.css'),
    measurements: await build('src/web/plots/measurements.css'),
  };
}

/** The shipped scripts by name: `causal/partition`. */
function readExamples(root) {
  const folder = join(root, 'inputs');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.txt'))
    .map((path) => path.slice(0, -'.txt'.length))
    .sort();
  return names.map((name) => [name, readFileSync(join(folder, `${name}.txt`), 'utf8')]);
}
