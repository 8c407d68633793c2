#!/usr/bin/env node
// Starts the built master. Everything else lives in src and is built into dist. This is CommonJS, as
// the parts are: Node's loader of ES modules would take a tenth of the time that a start takes. Its
// syntax is old, so that an old Node can say that it is too old.
const NEEDED = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
const built = `${__dirname}/dist/master.cjs`;

if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  const found = `this is Node ${process.versions.node}`;
  process.stderr.write(`causeway: needs Node ${NEEDED.join('.')} or later, ${found}\n`);
  process.exitCode = 71;
} else if (require('node:fs').existsSync(built)) {
  require(built);
} else {
  process.stderr.write('causeway: not built yet: run `npm ci`, or `npm run build` after changes\n');
  process.exitCode = 70;
}
