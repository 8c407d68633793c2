// `npm run new-protocol NAME`: begins a protocol. Copies the smallest one of the tests, one file of
// at most a hundred lines, under that name, with its test, a line in the list of protocols and a
// page. Writes nothing if anything is in the way.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { evaluate } from './evaluate.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TEMPLATE = 'test/support/protocols/naive/index.ts';
const TEST = 'test/protocols/naive/naive.test.ts';
/** The files in which the name of the protocol stands beside others. */
const TEMPLATES = [TEMPLATE, TEST];
const REGISTRY = 'src/protocols/registry.ts';
const ENGINES = 'src/engines/registry.ts';
const USAGE = 64;

/** The name is also that of an exported constant. */
const NAME = /^[a-z][a-zA-Z0-9]{1,29}$/;
const RESERVED =
  'break case catch class const continue debugger default delete do else enum export extends ' +
  'false finally for function if implements import in instanceof interface let new null package ' +
  'private protected public return static super switch this throw true try typeof var void while ' +
  'with yield await async arguments eval undefined';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');

async function main(names) {
  const [name] = names;
  const problem =
    names.length === 1 ? whyNot(name) : 'needs one name: npm run new-protocol -- mystore';
  if (problem !== undefined) {
    process.stderr.write(`new-protocol: ${problem}\n`);
    return USAGE;
  }
  const files = [...copies(name), [REGISTRY, registered(read(REGISTRY), name)]];
  for (const [path, text] of files) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  format(files.map(([path]) => path).filter((path) => path.endsWith('.ts')));
  const page = join(ROOT, pathOfPage(name));
  writeFileSync(page, readFileSync(page, 'utf8').replace(NO_TABLE, await tableOf(name)));
  process.stdout.write(tell(name, files));
  return 0;
}

function whyNot(name) {
  if (!NAME.test(name)) {
    return `'${name}' is not a name: 2 to 30 letters and digits, the first a small letter`;
  }
  const taken = new RegExp(`\\b${name}\\b`);
  if (RESERVED.split(' ').includes(name) || TEMPLATES.some((path) => taken.test(read(path)))) {
    return `'${name}' is a word of its code: take another`;
  }
  if (taken.test(read(REGISTRY))) return `${REGISTRY} has '${name}' already`;
  if (new RegExp(`import \\{ ${name} \\}`).test(read(ENGINES))) {
    return `${ENGINES} has '${name}' already`;
  }
  const existing = copies(name).find(([path]) => existsSync(join(ROOT, path)));
  return existing === undefined ? undefined : `${existing[0]} exists already`;
}

/** The path and the text of each new file. */
function copies(name) {
  const folder = `src/protocols/${name}`;
  const source = renamed(read(TEMPLATE), name).replaceAll("'../../../../src/", "'../../");
  const test = renamed(read(TEST), name).replaceAll(
    `'../../support/protocols/${name}/`,
    `'../../../${folder}/`,
  );
  return [
    [`${folder}/index.ts`, source],
    [`test/protocols/${name}/${name}.test.ts`, test],
    [pathOfPage(name), pageOf(name)],
  ];
}

function renamed(text, name) {
  return text.replaceAll('naive', name);
}

/** Names of another length break lines elsewhere, and imports have an order. */
function format(paths) {
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  execFileSync(process.execPath, [biome, 'check', '--write', ...paths], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** The list of protocols with one more: at its end, because the first is the usual one. */
function registered(text, name) {
  const first = text.indexOf('import { causal }');
  const line = `import { ${name} } from './${name}/index.ts';\n`;
  return `${text.slice(0, first)}${line}${text.slice(first)}`.replace(
    /(PROTOCOLS[^=]*= \[[^\]]*?),?(\s*)\];/,
    `$1, ${name}$2];`,
  );
}

const pathOfPage = (name) => `docs/protocols/${name}.md`;

/** Where the table of messages goes, between two comments. */
const NO_TABLE = /(?<=<!-- messages -->\n\n)(?=\n<!-- end)/;

/** As the program writes it, which is not built yet. */
async function tableOf(name) {
  const { renderMessages, [name]: protocol } = await evaluate(
    await import('esbuild'),
    ROOT,
    `export { renderMessages } from './src/master/reference.ts';
    export { ${name} } from './src/protocols/${name}/index.ts';`,
  );
  return renderMessages(protocol);
}

function pageOf(name) {
  return `# The ${name} protocol

The head of [\`src/protocols/${name}/index.ts\`](../../src/protocols/${name}/index.ts) says how it works.

## Messages

The program writes this table: \`node master.js --protocol ${name} --messages\`.

<!-- messages -->


<!-- end of messages -->
`;
}

function tell(name, files) {
  const written = files.map(([path]) => `  ${path}\n`).join('');
  return `${written}
${name} is a last-writer store that is equal everywhere after stabilize. Next:

  npm run build
  printf 'joinServer 0\\njoinClient 5 0\\nput 5 x 1\\nget 5 x\\n' | node master.js --sim --protocol ${name}
  node master.js swarm --protocol ${name} --seeds 200
  npx vitest run test/protocols/${name}
  UPDATE_DOCS=1 npx vitest run test/master/reference.test.ts

The last command adds it to docs/language.md, and keeps the table of messages in its page current.
docs/tutorial.md breaks it and mends it; docs/adding-a-protocol.md says what belongs where.
To undo all of this: git checkout ${REGISTRY} docs/language.md, and delete the
other files above.
`;
}

process.exitCode = await main(process.argv.slice(2));
