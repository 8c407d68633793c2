// One seed, one trace, whatever Node runs it: simulates every shipped script twice on each of the
// supported versions and compares what was printed and traced. And one build for all: its programs
// start under other patch releases than the one that built them, and too old a Node is told so.
// `npm run test:nodes`
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSIONS = ['20.20.2', '22.23.3', '24.21.0'];
/** To V8 they are the same version as the first of those above, but their code caches are not. */
const PATCH_RELEASES = ['20.19.0', '20.20.0'];
const TOO_OLD = ['18.20.8', '14.21.3'];
const SEED = '7';
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const INPUTS = join(ROOT, 'inputs', 'causal');

const scratch = mkdtempSync(join(tmpdir(), 'causeway-nodes-'));
try {
  installNodes(scratch);
  const isAlike = compare();
  const isStarted = startEverywhere();
  process.exitCode = isAlike && isStarted ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * The npm package `node` fetches its binary in an install script, which npm may refuse to run. The
 * packages that hold the binaries need none.
 */
function installNodes(folder) {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const wanted = [...VERSIONS, ...PATCH_RELEASES, ...TOO_OLD].map(
    (version) => `node-${version}@npm:node-${system}-${process.arch}@${version}`,
  );
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', ['install', ...options, ...wanted], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: false,
  });
}

function binaryOf(version) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return join(scratch, 'node_modules', `node-${version}`, 'bin', name);
}

/** True when every run of every script gave the same bytes. */
function compare() {
  const scripts = readdirSync(INPUTS).filter((name) => name.endsWith('.txt'));
  const totals = VERSIONS.map(() => createHash('sha256'));
  let differences = scripts.length === 0 ? 1 : 0;
  for (const script of scripts.sort()) {
    const runs = VERSIONS.map((version) => [simulate(version, script), simulate(version, script)]);
    runs.forEach(([hash], index) => {
      totals[index].update(hash);
    });
    if (new Set(runs.flat()).size === 1) continue;
    differences += 1;
    console.log(`${script} differs: ${VERSIONS.map((v, i) => `${v} ${runs[i]}`).join('; ')}`);
  }
  for (const [index, version] of VERSIONS.entries()) {
    const hash = totals[index].digest('hex').slice(0, 16);
    console.log(`node ${version}  ${hash}  ${scripts.length} scripts, each simulated twice`);
  }
  return differences === 0;
}

/** A hash of what one run printed and traced. */
function simulate(version, script) {
  const trace = join(scratch, 'trace.jsonl');
  rmSync(trace, { force: true });
  const run = spawnSync(
    binaryOf(version),
    [join(ROOT, 'master.js'), '--sim', '--seed', SEED, '--trace', trace],
    { input: readFileSync(join(INPUTS, script)), maxBuffer: 1 << 28 },
  );
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0) throw new Error(`${script} on ${version}: ${run.status} ${run.stderr}`);
  return createHash('sha256')
    .update(run.stdout)
    .update(readFileSync(trace))
    .digest('hex')
    .slice(0, 16);
}

/** True when real processes ran wherever they should: with the caches that they made, too. */
function startEverywhere() {
  const script = 'joinServer 0\njoinClient 1 0\nput 1 k v\nget 1 k\n';
  const env = { ...process.env, XDG_CACHE_HOME: join(scratch, 'caches') };
  const isStarted = (version) => {
    const args = [join(ROOT, 'master.js')];
    const run = spawnSync(binaryOf(version), args, { input: script, env, encoding: 'utf8' });
    const isOld = TOO_OLD.includes(version);
    const said = isOld ? /^causeway: needs Node 20\.19 or later.*\n$/ : /^$/;
    const isRight = isOld ? run.status === 71 : run.stdout === 'k:v\n' && run.status === 0;
    console.log(`node ${version}  ${run.signal ?? `exit status ${run.status}`}`);
    return isRight && said.test(run.stderr);
  };
  const starts = [...PATCH_RELEASES, ...VERSIONS].flatMap((version) => [version, version]);
  return [...starts, ...TOO_OLD].map(isStarted).every(Boolean);
}
