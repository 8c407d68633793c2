#!/usr/bin/env node
// Starts the built master. Everything else lives in src and is built into dist.
import { existsSync } from 'node:fs';

const built = new URL('./dist/master.cjs', import.meta.url);

if (existsSync(built)) {
  await import(built.href);
} else {
  process.stderr.write('causeway: not built yet: run `npm ci`, or `npm run build` after changes\n');
  process.exitCode = 70;
}
