// Tests the scanner and what is read from its code: functions and imports.
import { describe, expect, it } from 'vitest';
import { findFunctions } from './functions.ts';
import { findCycles, findImports } from './imports.ts';
import { lineAt, scan } from './scanner.ts';

describe('scan', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a line comment', 'a(); // b {\nc();', 'a();       \nc();'],
    ['a block comment', 'a(/* b\n{ */);', 'a(    \n    );'],
    ['strings', `f('a}', "b//", 'c\\'d');`, `f('  ', "   ", '    ');`],
    ['a template', `f(\`a { \${g({ b: \`}\` })} c }\`);`, 'f(`      g({ b: ` ` })}    `);'],
    ['a regular expression', 'a = /[/{]\\/"/g; b();', 'a = /       /g; b();'],
    ['a regular expression after a keyword', 'return /"/.test(a);', 'return / /.test(a);'],
    ['divisions', 'a = b / c / (d) / 2;', 'a = b / c / (d) / 2;'],
    ['the ends of elements', '<b>{c}</b>; <d e={f} />; g()', '<b>{c}</b>; <d e={f} />; g()'],
    ['an unfinished string', "a = 'b\nc { }", "a = ' \nc { }"],
  ];

  it.each(cases)('%s', (_name, text, code) => {
    expect(scan(text).code.replace(/\$\{/g, '  ')).toBe(code);
  });

  it('keeps positions and lines', () => {
    const text = `/* a\n */ 'b'; // c\n\`d\n\${e}\``;
    const { code, comments } = scan(text);
    expect(code).toHaveLength(text.length);
    expect(lineAt(code, code.indexOf('e'))).toBe(4);
    expect(comments.map(({ line }) => line)).toEqual([1, 2]);
    expect(comments[1]?.text).toBe('// c');
  });
});

describe('findFunctions', () => {
  const linesOf = (text: string) => findFunctions(scan(text).code).map(({ lines }) => lines);

  const shapes: readonly (readonly [string, string])[] = [
    ['a declaration', 'function f(a) {\n}\n'],
    ['a generator', 'async function* f(a) {\n}\n'],
    ['a simple return type', 'function f(a: B): C<D> {\n}\n'],
    ['a type with braces', 'function f(): { a: 1 } | Map<K, { b: 2 }> {\n}\n'],
    ['a type guard', 'function f(a: unknown): a is { b: 1 } {\n}\n'],
    ['a function type', 'function f(): (a: B) => void {\n}\n'],
    ['type parameters', 'function f<T extends A>(a: T): T[] {\n}\n'],
    ['a method', 'class A {\n  b(c: D): void {\n  }\n}\n'],
    ['a private one', 'class A {\n  #b() {\n  }\n}\n'],
    ['a constructor', 'class A extends B {\n  constructor() {\n  }\n}\n'],
    ['an accessor', 'class A {\n  get b(): C {\n  }\n}\n'],
    ['a computed name', 'class A {\n  *[Symbol.iterator]() {\n  }\n}\n'],
    ['an arrow', 'const f = (a) => {\n};\n'],
    ['an arrow without parentheses', 'const f = a => {\n};\n'],
    ['a typed arrow', 'const f = (a: B): Promise<void> => {\n};\n'],
    ['a callback', 'f(async () => {\n});\n'],
  ];

  it.each(shapes)('sees %s', (_name, text) => {
    expect(linesOf(text)).toEqual([2]);
  });

  const others: readonly (readonly [string, string])[] = [
    ['control', 'if (a) {\n} else if (b()) {\n}\nfor (const c of d()) {\n}\nwhile (e) {\n}\n'],
    ['more control', 'switch (a) {\n}\ntry {\n} catch (e) {\n}\nfor await (const a of b) {\n}\n'],
    ['literals', 'const a = { b: f(c), d: g ? h(i) : { j: 1 } };\n'],
    ['types', 'interface A {\n  b(c: D): { e: 1 };\n  f: (g: H) => void;\n}\n'],
    ['classes', 'class A extends mixin(B) {\n  c = 1;\n}\n'],
    ['an expression', 'const f = (a) => ({ b: a });\n'],
    ['comments and strings', "// function f() {\n'() => {';\n"],
  ];

  it.each(others)('sees none in %s', (_name, text) => {
    expect(linesOf(text)).toEqual([]);
  });

  it('counts from the parameters to the closing brace, inner functions included', () => {
    const text = '\nfunction f(\n  a,\n) {\n  g(() => {\n  });\n}\n';
    expect(findFunctions(scan(text).code)).toEqual([
      { line: 2, lines: 6 },
      { line: 5, lines: 2 },
    ]);
  });
});

describe('findImports', () => {
  const specifiersOf = (text: string) =>
    findImports(text, scan(text).code).map(({ specifier }) => specifier);

  it('finds every kind', () => {
    const text = [
      "import a from 'a';",
      "import * as b from 'b';",
      "import type { c } from './c.ts';",
      "import {\n  d,\n  type e,\n} from './d.ts';",
      "import './f.ts';",
      "export * from './g.ts';",
      "export type { h } from './h.ts';",
      "const i = await import('./i.ts');",
      "let j: typeof import('./j.ts');",
    ].join('\n');
    const names = ['a', 'b', './c.ts', './d.ts', './f.ts', './g.ts', './h.ts', './i.ts', './j.ts'];
    expect(specifiersOf(text)).toEqual(names);
    const types = findImports(text, scan(text).code).filter(({ isTypeOnly }) => isTypeOnly);
    expect(types.map(({ line }) => line)).toEqual([3, 10]);
  });

  it('finds nothing else', () => {
    const text =
      "export const a = 'b';\n// import 'c';\nconst d = \"import 'e'\";\nf(import.meta.url);";
    expect(specifiersOf(text)).toEqual([]);
  });
});

describe('findCycles', () => {
  it('gives each cycle once, and none where roads only meet again', () => {
    const graph = new Map([
      ['a', ['b', 'c']],
      ['b', ['c']],
      ['c', ['d']],
      ['d', ['c', 'e']],
    ]);
    expect(findCycles(graph)).toEqual([['c', 'd', 'c']]);
  });
});
