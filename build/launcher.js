// The text of dist/NAME.cjs: a program's beginning, a few lines that load its parts, each with the
// code cache that lies beside it.

/**
 * The folder of the parts, seen from the launcher, and the program's parts, the one that begins
 * first. Parts are ASCII, as esbuild writes them, so that they can be read as latin1, which is quick.
 */
export function writeLauncher(folder, parts) {
  const [main] = parts;
  const partByChunk = parts.flatMap(({ name, offers }) => offers.map((offer) => [offer, name]));
  return `'use strict';
const fs = require('node:fs');
const vm = require('node:vm');
const partByChunk = ${JSON.stringify(Object.fromEntries(partByChunk))};
const launcher = {
  get url() {
    return require('node:url').pathToFileURL(__filename).href;
  },
};
const loaded = {};
function load(part) {
  if (loaded[part] !== undefined) return loaded[part].exports;
  const module = { exports: {} };
  loaded[part] = module;
  const filename = __dirname + '/${folder}/' + part + '.js';
  let cachedData;
  try {
    cachedData = fs.readFileSync(filename + '.cache');
  } catch {
    // Without its cache a program starts more slowly, and that is all.
  }
  const script = new vm.Script(fs.readFileSync(filename, 'latin1'), { filename, cachedData });
  script.runInThisContext()(module.exports, ask, module, launcher);
  return module.exports;
}
function ask(name) {
  const part = partByChunk[name];
  return part === undefined ? require(name) : load(part)[name];
}
load('${main.name}');
`;
}
