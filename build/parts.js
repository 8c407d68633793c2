// Cuts a program into parts: what it always needs is one, and every `import()` in the sources begins
// another, which is loaded when the program gets there. What two such parts share, and the program
// itself does not have, is a part of its own, so that no module is ever there twice.
//
// esbuild does it in two steps. The first one splits all programs together into chunks of modules,
// far more than are wanted: it tells apart who shares a module, programs included, and a chunk that
// the program has loaded anyway is nothing special to it. The second one joins the chunks that a
// program always loads together, each group in one scope.

/** Characters; what several parts share and is less than that costs more as a file of its own. */
const SMALL = 16_384;

/** What ws and commander load for what we never ask them for: loaded when used. */
const UNUSED = new Map([
  ['ws', /^(https|tls|zlib)$/],
  ['commander', /^node:child_process$/],
]);

/** How every program of the build is bundled. */
export const COMMON = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Clients of stores of others, which only their engines load, and which need not be installed.
  external: ['@nats-io/*', 'pg'],
  // Optional helpers of ws, compiled ones, which Causeway does not install.
  define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
  logLevel: 'error',
};

/** With a source map in a file of its own: only reports of bugs read it. */
const MAPPED = { sourcemap: 'external', sourcesContent: false };

const loadWhenUsed = {
  name: 'load when used',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /./ }, ({ path, importer }) => {
      const [, name] = /\/node_modules\/(\w+)\//.exec(importer) ?? [];
      return UNUSED.get(name)?.test(path) ? { path, namespace: 'when-used' } : undefined;
    });
    onLoad({ filter: /./, namespace: 'when-used' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require('${path}')[name] });`,
    }));
  },
};

/**
 * The programs with their parts, the one that begins first: of each its name, its text (a function
 * that launchers call), its source map, and what it offers to other parts: it exports a module by
 * each of these names.
 */
export async function cut(esbuild, root, programs) {
  const chunks = await split(esbuild, root, programs);
  return Promise.all(
    programs.map(async ({ name }) => {
      const parts = await cutProgram(esbuild, root, name, chunks);
      assertDistinct(parts.map((part) => part.name));
      return { name, parts };
    }),
  );
}

/** Of two parts with one name, one would take the place of the other. */
function assertDistinct(names) {
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice === undefined) return;
  throw new Error(`two parts are called ${twice}: give a file that an import() loads another name`);
}

function cutProgram(esbuild, root, name, allChunks) {
  const main = nameOf({ path: `${name}.js` });
  const chunks = chunksOf(main, allChunks);
  return Promise.all(
    group(chunks, main).map(async ({ roots, chunks: own }) => {
      const asked = [...chunks.values()]
        .filter((chunk) => !own.includes(chunk))
        .flatMap(({ loads, begins }) => [...loads, ...begins])
        .filter((path) => own.some((chunk) => chunk.path === path));
      const offers = [...new Set(asked)].sort();
      const label = [name, ...roots.map(labelOf)].join('-');
      return { name: label, offers, ...(await join(esbuild, root, own, offers)) };
    }),
  );

  function labelOf(path) {
    const { source } = chunks.get(path);
    return source.match(/(\w+)(?:\/index)?\.\w+$/)[1];
  }
}

/** By path, what each chunk is made from, what it loads at once, and what it begins later. */
async function split(esbuild, root, programs) {
  const { outputFiles, metafile } = await esbuild.build({
    ...COMMON,
    absWorkingDir: root,
    entryPoints: Object.fromEntries(programs.map(({ name, entry }) => [name, entry])),
    format: 'esm',
    splitting: true,
    outdir: root,
    write: false,
    metafile: true,
    ...MAPPED,
    define: {
      ...COMMON.define,
      'import.meta.url': 'launcher.url',
      'import.meta.keepCode': 'launcher.keepCode',
    },
    plugins: [loadWhenUsed],
  });
  const outputs = Object.entries(metafile.outputs).filter(([path]) => !path.endsWith('.map'));
  const contents = new Map(outputFiles.map((file) => [file.path.slice(root.length), file.text]));
  return new Map(
    outputs.map(([path, { imports, entryPoint }]) => {
      const inside = imports.filter(({ path }) => path in metafile.outputs);
      const ofKind = (wanted) => inside.filter(({ kind }) => kind === wanted).map(nameOf);
      const loads = ofKind('import-statement');
      const begins = ofKind('dynamic-import');
      const name = nameOf({ path });
      const [text, map] = [contents.get(path), contents.get(`${path}.map`)];
      return [name, { path: name, text, map, source: entryPoint, loads, begins }];
    }),
  );
}

const nameOf = ({ path }) => `./${path}`;

/** All that a program may ever load, by path. */
function chunksOf(main, allChunks) {
  const paths = new Set([main]);
  for (const path of paths) {
    const { loads, begins } = allChunks.get(path);
    for (const next of [...loads, ...begins]) paths.add(next);
  }
  return new Map([...allChunks].filter(([path]) => paths.has(path)));
}

/** Chunks that are loaded by the same beginnings, the main one's first. */
function group(chunks, main) {
  const begun = new Set([...chunks.values()].flatMap(({ begins }) => begins));
  const rootsByPath = new Map([...chunks.keys()].map((path) => [path, []]));
  for (const root of [main, ...[...begun].sort()]) {
    for (const path of reach(chunks, root)) rootsByPath.get(path).push(root);
  }
  const parts = new Map();
  for (const [path, roots] of rootsByPath) {
    const key = roots.includes(main) ? [] : roots;
    const part = parts.get(key.join()) ?? { roots: key, chunks: [] };
    part.chunks.push(chunks.get(path));
    parts.set(key.join(), part);
  }
  const sorted = [...parts.values()].sort((one, other) => one.roots.length - other.roots.length);
  return foldSmall(sorted);
}

/** Moves small shared parts into the main one, unless they would draw others with them. */
function foldSmall([main, ...others]) {
  const folded = new Set(main.chunks.map(({ path }) => path));
  const isFoldable = ({ roots, chunks }) => {
    const own = chunks.map(({ path }) => path);
    const size = chunks.reduce((sum, { text }) => sum + text.length, 0);
    const isClosed = chunks.every(({ loads }) =>
      loads.every((path) => folded.has(path) || own.includes(path)),
    );
    return roots.length > 1 && size < SMALL && isClosed;
  };
  // What a part needs is needed by more than those who need the part.
  const kept = others.reverse().filter((part) => {
    if (!isFoldable(part)) return true;
    for (const { path } of part.chunks) folded.add(path);
    main.chunks.push(...part.chunks);
    return false;
  });
  return [main, ...kept.reverse()];
}

function reach(chunks, path, seen = new Set()) {
  if (!seen.has(path)) {
    seen.add(path);
    for (const next of chunks.get(path).loads) reach(chunks, next, seen);
  }
  return seen;
}

/** `import()` fails in the scripts that launchers run, and `require` does as well. */
async function join(esbuild, root, own, offers) {
  const textByPath = new Map(own.map(({ path, text, map }) => [path, withMap(text, map)]));
  const others = {
    name: 'other parts',
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^\.\// }, ({ path }) =>
        textByPath.has(path) ? { path, namespace: 'chunk' } : { path, external: true },
      );
      onLoad({ filter: /./, namespace: 'chunk' }, ({ path }) => ({
        contents: textByPath.get(path),
        resolveDir: root,
      }));
    },
  };
  const entry = own.map(({ path }) =>
    offers.includes(path) ? `export * as '${path}' from '${path}';` : `import '${path}';`,
  );
  const { outputFiles } = await esbuild.build({
    ...COMMON,
    absWorkingDir: root,
    stdin: { contents: entry.join('\n'), resolveDir: root },
    format: 'cjs',
    supported: { 'dynamic-import': false },
    outfile: `${root}part.js`,
    write: false,
    ...MAPPED,
    plugins: [others],
    // Half of what libraries consist of is said to people; a line a statement would be too long.
    minifyWhitespace: true,
    lineLimit: 100,
    banner: { js: '(function (exports, require, module, launcher) {' },
    footer: { js: '})' },
  });
  const [map, part] = outputFiles.sort((a, b) => b.path.length - a.path.length);
  return { text: part.text, map: map.text };
}

/** The text of a chunk with its source map, so that the part's map leads to the sources. */
function withMap(text, map) {
  const data = Buffer.from(map).toString('base64');
  return `${text}//# sourceMappingURL=data:application/json;base64,${data}\n`;
}
