// Required by every process of the runs that a build makes to warm up: at its end each process
// writes the code cache of all parts that it has loaded, with the functions that it has really used.
'use strict';
const { ChildProcess } = require('node:child_process');
const { renameSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const vm = require('node:vm');

const scripts = new Map();

vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    scripts.set(options.filename, this);
  }
};

/** A master kills its nodes; these are to end by themselves, as they do without a master. */
ChildProcess.prototype.kill = function () {
  if (this.connected) this.disconnect();
  return true;
};

process.on('exit', () => {
  // A node starts with V8's usual flags, and with others than a cache's own V8 refuses the cache.
  setFlagsFromString('--opt');
  for (const [filename, script] of scripts) {
    const unfinished = `${filename}.cache.${process.pid}`;
    writeFileSync(unfinished, script.createCachedData());
    renameSync(unfinished, `${filename}.cache`);
  }
});
