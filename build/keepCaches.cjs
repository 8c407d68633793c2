// Required by every process of the runs that a build makes to warm up: at its end each process
// writes the code cache of all parts that it has loaded, with the functions that it has really used.
'use strict';
const { ChildProcess } = require('node:child_process');
const { basename, dirname } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');
const hashCode = require('./codeHash.cjs');
const { nameCache, writeWhole } = require('./launch.cjs');

const scriptByPath = new Map();

vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    const { filename } = options;
    const name = nameCache(basename(filename, '.js'), hashCode(source), process);
    scriptByPath.set(`${dirname(filename)}/${name}`, this);
  }
};

/** A master gives its nodes a clean environment; these are to be required this as well. */
const { spawn } = ChildProcess.prototype;
ChildProcess.prototype.spawn = function (options) {
  options.envPairs.push(`NODE_OPTIONS=${process.env.NODE_OPTIONS}`);
  return spawn.call(this, options);
};

/** A master kills its nodes; these are to end by themselves, as they do without a master. */
ChildProcess.prototype.kill = function () {
  if (this.connected) this.disconnect();
  return true;
};

process.on('exit', () => {
  // A node starts with V8's usual flags, and with others than a cache's own V8 refuses the cache.
  setFlagsFromString('--opt');
  for (const [path, script] of scriptByPath) writeWhole(path, script.createCachedData(), 0o666);
});
