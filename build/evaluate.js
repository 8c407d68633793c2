// Runs sources of the project during a build, before there is anything built.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { COMMON } from './parts.js';

/** The exports of a module in TypeScript with this text, which lies at the root of the project. */
export async function evaluate(esbuild, root, contents) {
  const { outputFiles } = await esbuild.build({
    ...COMMON,
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    format: 'cjs',
    write: false,
  });
  const module = { exports: {} };
  const run = compileFunction(outputFiles[0].text, ['require', 'module', 'exports']);
  run(createRequire(join(root, 'package.json')), module, module.exports);
  return module.exports;
}
