#!/usr/bin/env node
// Starts the built master. Everything else lives in src and is built into dist. This is CommonJS, as
// the parts are: Node's loader of ES modules would take a tenth of the time that a start takes.
const { existsSync } = require('node:fs');

const built = `${__dirname}/dist/master.cjs`;

if (existsSync(built)) {
  require(built);
} else {
  process.stderr.write('causeway: not built yet: run `npm ci`, or `npm run build` after changes\n');
  process.exitCode = 70;
}
