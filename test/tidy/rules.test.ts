// Every rule is tested with a project that breaks it and one that does not: a rule that cannot fail
// is a defect, and so is one that forbids what is meant.
import { describe, expect, it } from 'vitest';
import { createProject } from './project.ts';
import { ARROWS } from './rooms.ts';
import { RULES } from './rules.ts';

interface Sample {
  readonly rule: string;
  readonly bad: Readonly<Record<string, string>>;
  /** The exact places of the problems in the bad project. */
  readonly where: readonly string[];
  readonly good: Readonly<Record<string, string>>;
}

const HOME = ['', 'home', 'ann', 'causeway'].join('/');
const longFunction = (lines: number) => `function f() {\n${'  g();\n'.repeat(lines - 2)}}\n`;

const ROOM_SAMPLES: readonly Sample[] = [
  {
    rule: 'rooms import only along their arrows',
    bad: {
      'src/kernel/a.ts': "import { b } from '../clocks/b.ts';\n",
      'src/sim/a.ts': "\nexport type { b } from '../rpc/b.ts';\n",
      'src/master/a.ts': "const b = await import('../server/main.ts');\n",
      'src/language/a.ts': "import { b } from '../sim/b.ts';\n",
      'src/rpc/a.ts': "import '../../test/b.ts';\n",
    },
    where: [
      'src/kernel/a.ts:1',
      'src/sim/a.ts:2',
      'src/master/a.ts:1',
      'src/language/a.ts:1',
      'src/rpc/a.ts:1',
    ],
    good: {
      'src/kernel/a.ts': "import { b } from './b.ts';\n",
      'src/master/a.ts': "import { b } from '../sim/b.ts';\n// import '../server/main.ts'\n",
      'src/server/main.ts': "import _ from 'lodash';\nimport { b } from '../rpc/b.ts';\n",
    },
  },
  {
    rule: 'files of src lie in a room',
    bad: { 'src/a.ts': '', 'src/tools/a.ts': '' },
    where: ['src/a.ts', 'src/tools/a.ts'],
    good: { 'src/sim/a.ts': '', 'test/a.ts': '' },
  },
  {
    rule: 'protocols know no sibling, and others know protocols by the registry',
    bad: {
      'src/protocols/chain/state.ts': "import { a } from '../causal/state.ts';\n",
      'src/protocols/causal/index.ts': "import { a } from '../registry.ts';\n",
      'src/master/a.ts': "import { a } from '../protocols/causal/index.ts';\n",
    },
    where: [
      'src/protocols/chain/state.ts:1',
      'src/protocols/causal/index.ts:1',
      'src/master/a.ts:1',
    ],
    good: {
      'src/protocols/registry.ts': "import { a } from './causal/index.ts';\n",
      'src/protocols/causal/index.ts': "import { a } from './state.ts';\n",
      'src/master/a.ts': "import { a } from '../protocols/registry.ts';\n",
      'test/protocols/causal/a.ts': "import { a } from '../../../src/protocols/causal/state.ts';\n",
    },
  },
  {
    rule: 'code of both worlds sees neither',
    bad: {
      'src/protocols/causal/state.ts': "import { a } from 'node:fs';\nimport b from 'path';\n",
      'src/kernel/a.ts': "import { a } from 'ws';\n",
    },
    where: [
      'src/protocols/causal/state.ts:1',
      'src/protocols/causal/state.ts:2',
      'src/kernel/a.ts:1',
    ],
    good: {
      'src/kernel/a.ts': "import * as v from 'valibot';\nimport { x } from 'pure-rand/a/b';\n",
      'src/rpc/a.ts': "import { a } from 'node:fs';\n",
    },
  },
  {
    rule: 'nodes start without what only the master needs',
    bad: {
      'src/rpc/a.ts': "import { execa } from 'execa';\n",
      'src/processes/a.ts': "import { Command } from 'commander';\n",
    },
    where: ['src/rpc/a.ts:1', 'src/processes/a.ts:1'],
    good: {
      'src/processes/a.ts': "import { execa } from 'execa';\n",
      'src/master/a.ts': "import { Command } from 'commander';\n",
      'test/a.test.ts': "import { execa } from 'execa';\n",
    },
  },
  {
    rule: 'relative imports carry their ending',
    bad: { 'src/kernel/a.ts': "import type { b } from './b';\n" },
    where: ['src/kernel/a.ts:1'],
    good: { 'src/kernel/a.ts': "import type { b } from './b.ts';\nimport 'lodash';\n" },
  },
  {
    rule: 'no file imports itself in the end',
    bad: {
      'src/kernel/a.ts': "import { b } from './b.ts';\n",
      'src/kernel/b.ts': "import type { c } from './c.ts';\n",
      'src/kernel/c.ts': "export * from './a.ts';\n",
    },
    where: ['src/kernel/a.ts'],
    good: {
      'src/kernel/a.ts': "import { b } from './b.ts';\nimport { c } from './c.ts';\n",
      'src/kernel/b.ts': "import { c } from './c.ts';\n",
      'src/kernel/c.ts': '',
    },
  },
  {
    rule: 'no file of src is dead',
    bad: {
      'build/build.js': "build('src/master/main.ts');\n",
      'src/master/main.ts': '',
      'src/master/a.ts': "import './b.ts';\n",
      'src/master/b.ts': "import './a.ts';\n",
      'test/a.test.ts': "import '../src/master/a.ts';\n",
    },
    where: ['src/master/a.ts', 'src/master/b.ts'],
    good: {
      'build/build.js': "build('src/master/main.ts');\n",
      'src/master/main.ts': "import './a.ts';\n",
      'src/master/a.ts': '',
    },
  },
  {
    rule: 'no file of test is dead',
    bad: { 'test/a.test.ts': '', 'test/b.ts': '', 'test/d.d.ts': '' },
    where: ['test/b.ts', 'test/d.d.ts'],
    good: {
      'test/a.test.ts': "import './b.ts';\nimport './d.js';\n",
      'test/b.ts': "start('test/c.ts');\n",
      'test/c.ts': '',
      'test/d.js': '',
      'test/d.d.ts': '',
    },
  },
];

/** A rule about single lines, with lines that break it and lines that do not. */
function linesSample(
  rule: string,
  bad: readonly string[],
  good: readonly string[],
  path = 'src/protocols/causal/a.ts',
): Sample {
  return {
    rule,
    bad: { [path]: `${bad.join('\n')}\n` },
    where: bad.map((_line, index) => `${path}:${index + 1}`),
    good: { [path]: `${good.join('\n')}\n` },
  };
}

const TEXT_SAMPLES: readonly Sample[] = [
  linesSample('no Math.random', ['const a = Math.random();'], ['// Math.random', "'Math.random'"]),
  linesSample('no wall clock', ['Date.now();', 'f(new Date());'], ['/* Date.now */', 'env.now()']),
  linesSample(
    'timers come from Env',
    ['setTimeout(f, 1);', 'globalThis.setInterval(f);'],
    ['env.after(1, f);', 'my.setTimeouts(f);'],
  ),
  linesSample(
    'code of both worlds asks Env alone',
    ['performance.now();', 'setImmediate(f);', 'process.hrtime();', 'crypto.randomUUID();'],
    ['env.now();', '// process.exit', 'const process = 1;'],
  ),
  linesSample(
    'no lodash function that reads the clock or is random',
    ['_.shuffle(a);', '_.debounce(f);', '_(a).map(f); _.now();'],
    ['_.sortBy(a);', 'my_.shuffled'],
  ),
  linesSample('no console', ["console.log('a');", 'console.error(a);'], ["'console.log'"]),
  linesSample('stdout belongs to the master', ['process.stdout.write(a);'], ['process.stderr;']),
  linesSample(
    'no code from text',
    ['eval(a);', 'new Function(a);', '_.template(a);', 'spawn(a, { shell: true });'],
    ['retrieval(a);', '// eval(', 'spawn(a, { shell: false });'],
  ),
  linesSample(
    'no any',
    ['let a: any;', 'f(a as any);', 'let b: Map<string, any>;', 'let c: any[];'],
    ['let any = Promise.any(a);', '// as any', 'const { many } = a;', 'f({ b, any: 1 });'],
  ),
  linesSample(
    'no default export',
    ['export default f;', 'export { f as default };'],
    ["import _ from 'lodash';", 'switch (a) { default: f(); }'],
  ),
  linesSample(
    'every test runs',
    ["it.only('a', f);", "describe.skip('a', f);", "it.todo('a');", "xit('a', f);"],
    ["it('a', f);", "it.skipIf(a)('b', f);", 'cluster.skip();', 'exit(1);'],
    'test/a.test.ts',
  ),
  linesSample(
    'tests wait for events',
    ['await new Promise((resolve) => setTimeout(resolve, 10));', 'setTimeout(done, 5);'],
    ['const timer = setTimeout(fail, 1000);', '// setTimeout(resolve'],
    'test/a.test.ts',
  ),
  linesSample(
    'nothing is left to do in comments',
    [`// ${'TO'}DO: more`, `f(); /* ${'FIX'}ME */`],
    ["'TODO'", '// todos'],
  ),
  linesSample(
    'no checker is silenced',
    [`// @ts-${'ignore'}`, `// biome-${'ignore'} lint: no`],
    ["'@ts-ignore'"],
  ),
  linesSample('no expected type error in src', [`// @ts-${'expect-error'}`], ['// @ts']),
  linesSample(
    'comments name who acts',
    ['// Whoever calls it waits.', "f(); /* somebody else's */", '/** What nobody has read. */'],
    ["'nobody'", '// NOBODY, somebodys', 'const everybody = 1;'],
    'src/checkers/a.ts',
  ),
  linesSample('no vm but in the launcher', ["import vm from 'node:vm';"], ["'node:vm'"]),
  linesSample(
    "lodash is imported as `import _ from 'lodash'`",
    ["import { sortBy } from 'lodash';", "import sortBy from 'lodash/sortBy.js';"],
    ["import _ from 'lodash';"],
  ),
  linesSample('lines are short', ['x'.repeat(101), 'é'.repeat(101)], ['x'.repeat(100), '']),
  {
    rule: 'files are short',
    bad: { 'src/rpc/a.ts': '\n'.repeat(301), 'test/a.ts': '\n'.repeat(501) },
    where: ['src/rpc/a.ts:301', 'test/a.ts:501'],
    good: { 'src/rpc/a.ts': '\n'.repeat(300), 'test/a.ts': '\n'.repeat(500) },
  },
  {
    rule: 'functions are short',
    bad: { 'src/rpc/a.ts': `\n${longFunction(61)}` },
    where: ['src/rpc/a.ts:2'],
    good: {
      'src/rpc/a.ts': longFunction(60),
      'test/a.test.ts': `describe('a', () => {\n${'  it();\n'.repeat(80)}});\n`,
    },
  },
  {
    rule: 'files of src open with what they are for',
    bad: { 'src/rpc/a.ts': 'f();\n', 'src/rpc/b.ts': '// a\n'.repeat(6), 'src/rpc/c.ts': '' },
    where: ['src/rpc/a.ts:1', 'src/rpc/b.ts:1', 'src/rpc/c.ts:1'],
    good: {
      'src/rpc/a.ts': '// Opens links.\nf();\n',
      'src/rpc/b.ts': '#!/usr/bin/env node\n/*\n * Opens\n * links.\n */\n',
      'src/rpc/c.ts': `// Opens links.\n//\n${'// L1 a promise\n'.repeat(9)}`,
    },
  },
  {
    rule: 'names say what is inside',
    bad: { 'src/rpc/utils.ts': '', 'test/helpers/a.ts': '', 'src/sim/common.ts': '' },
    where: ['src/rpc/utils.ts', 'test/helpers/a.ts', 'src/sim/common.ts'],
    good: { 'src/rpc/links.ts': '', 'src/rpc/commonPrefix.ts': '' },
  },
  {
    rule: 'pages name who acts',
    bad: { 'README.md': '# A\n\nNobody knows\nwhat everybody has.\n', 'docs/b.md': 'nobody\n' },
    where: ['README.md:3', 'README.md:4'],
    good: { 'README.md': '```\nnobody\n```\n\n```\na\n```\n', 'docs/checkers.md': 'no one\n' },
  },
];

const TREE_SAMPLES: readonly Sample[] = [
  {
    rule: 'versions are pinned',
    bad: { 'package.json': '{"dependencies":{"a":"^1.0.0"},"devDependencies":{"b":"latest"}}' },
    where: ['package.json', 'package.json'],
    good: { 'package.json': '{"dependencies":{"a":"1.0.0","b":"2.0.0-rc.1"}}' },
  },
  {
    rule: 'the lock file names no address',
    bad: { 'package-lock.json': '{\n"resolved": "https://mirror.example/a/-/a-1.0.0.tgz"\n}' },
    where: ['package-lock.json:2'],
    good: { 'package-lock.json': '{\n"version": "1.0.0",\n"url": "https://github.com/a/b"\n}' },
  },
  {
    rule: 'nothing gives a machine away',
    bad: { 'docs/a.md': `see\n${HOME}/notes`, 'a.json': `"https://${'registry'}.example.org/a"` },
    where: ['docs/a.md:2', 'a.json:1'],
    good: {
      'a.md': 'src/home/a, /usr/bin/node, https://example.org/home/a, the protocol registry.',
    },
  },
  {
    rule: 'endings are known ones',
    bad: { 'notes.docx': '', core: '', 'src/a.ts~': '' },
    where: ['notes.docx', 'core', 'src/a.ts~'],
    good: { 'a.md': '', LICENSE: '', '.ci/run': '', 'b/ci.yml': '', 'test/golden/a.out': '' },
  },
  {
    rule: 'nothing is large or binary',
    bad: { 'a.txt': 'x'.repeat(300_000), 'b.txt': 'a\0b' },
    where: ['a.txt', 'b.txt'],
    good: { 'a.txt': 'x'.repeat(200_000) },
  },
  {
    rule: 'links in documents lead somewhere',
    bad: { 'docs/a.md': '[b](b.md)\nand [c](../c.md#d)\n' },
    where: ['docs/a.md:1', 'docs/a.md:2'],
    good: {
      'docs/a.md': '[b](b.md#x) [up](../README.md) [w](https://example.org) [here](#a) [s](../src)',
      'docs/b.md': '',
      'README.md': '',
      'src/a.ts': '',
    },
  },
  {
    rule: 'every room is in the picture',
    bad: { 'docs/architecture.md': [...ARROWS.keys()].map((room) => `\`${room}s\``).join() },
    where: [...ARROWS.keys()].map(() => 'docs/architecture.md'),
    good: { 'docs/architecture.md': [...ARROWS.keys()].map((room) => `\`${room}\``).join() },
  },
  {
    rule: 'every decision is in the index',
    bad: {
      'docs/decisions/README.md': '[one](0001-one.md)',
      'docs/decisions/0001-one.md': '',
      'docs/decisions/0002-two.md': '',
    },
    where: ['docs/decisions/0002-two.md'],
    good: { 'docs/decisions/README.md': '[one](0001-one.md)', 'docs/decisions/0001-one.md': '' },
  },
];

/** Split, so that it is not taken for a citation in this file. */
const CITED = `${'Q'}7`;

const NUMBER_SAMPLES: readonly Sample[] = [
  {
    rule: 'every number that is cited is defined in a page, once',
    bad: {
      'src/rpc/a.ts': `// Opens.\nassert(x, '${CITED}: open');\n`,
      'test/a.test.ts': `it('opens (C1, ${CITED})');\n`,
      'docs/a.md': `| C1 | opens |\n| C2 | shuts |\n\nas C1 and ${CITED} say\n`,
      'docs/b.md': '| C2 | shuts |\n',
    },
    where: ['src/rpc/a.ts:2', 'test/a.test.ts:1', 'docs/a.md:4', 'docs/b.md:1'],
    good: {
      'src/rpc/a.ts': '// V8 keeps C1.\n// CRC-32C, SHA-1 and ES2023 are no numbers of promises.\n',
      'docs/a.md': '| C1 | opens |\n',
    },
  },
  {
    rule: 'every letter of a promise is in the index',
    bad: { 'docs/a.md': '| C1 | opens |\n', 'docs/promises.md': '\n| B | bad input |\n' },
    where: ['docs/promises.md'],
    good: { 'docs/a.md': '| C1 | opens |\n', 'docs/promises.md': '\n| C | causal | a.md |\n' },
  },
];

const SAMPLES = [...ROOM_SAMPLES, ...TEXT_SAMPLES, ...TREE_SAMPLES, ...NUMBER_SAMPLES];

describe('the rules of tidy', () => {
  it('have a sample each, and one name each', () => {
    expect(SAMPLES.map(({ rule }) => rule)).toEqual(RULES.map(({ name }) => name));
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  });

  it.each(SAMPLES)('$rule: catches, and lets pass', ({ rule: name, bad, where, good }) => {
    const rule = RULES.find((candidate) => candidate.name === name);
    const judge = (files: Readonly<Record<string, string>>) =>
      rule?.check(createProject(Object.entries(files)));
    expect(judge(bad)?.map((problem) => problem.where)).toEqual(where);
    expect(judge(good)).toEqual([]);
  });

  it('let the real world have what the rules are about', () => {
    const fence = '// The fence.\nMath.random = Date.now = setTimeout = refuse;\n';
    const files: [string, string][] = [
      ['src/sim/fence.ts', fence],
      ['src/rpc/env.ts', '// Timers.\nsetTimeout(task, ms);\n'],
      [
        'src/master/launcher.ts',
        "// Starts.\nimport vm from 'node:vm';\nprocess.stdout.write(a);\n",
      ],
    ];
    const named = RULES.filter(({ name }) => /random|clock|timers|vm|stdout/.test(name));
    expect(named).toHaveLength(6);
    const problems = named.flatMap((rule) => rule.check(createProject(files)));
    expect(problems).toEqual([]);
  });
});
