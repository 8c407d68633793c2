// Rules about numbered invariants: `C1`, `F10`. The code and the tests cite them; a page of the
// docs defines each, in the first cell of a row.
import type { Problem, Project, Rule } from './project.ts';
import { lineAt } from './scanner.ts';

const INDEX = 'docs/promises.md';
const NUMBER = /\b[A-Z]\d{1,2}\b/g;
const DEFINITION = /^\| ([A-Z]\d{1,2}) \|/gm;
/** The engine, a bug that a test invents, a write in a paper's definition. */
const NO_PROMISE = /^(?:V8|X\d|W\d)$/;

export const NUMBER_RULES: readonly Rule[] = [
  {
    name: 'every number that is cited is defined in a page, once',
    check: (project) => {
      const places = findDefinitions(project);
      const undefinedOnes = eachCitation(project, (number) =>
        places.has(number) || NO_PROMISE.test(number)
          ? undefined
          : `${number} is defined in no page: say what it promises, ${INDEX} says where`,
      );
      const twice = [...places].flatMap(([number, wheres]) =>
        wheres
          .slice(1)
          .map((where) => ({ where, text: `${number} is defined in ${wheres[0]} too` })),
      );
      return [...undefinedOnes, ...twice];
    },
  },
  {
    name: 'every letter of a promise is in the index',
    check: (project) => {
      const index = project.textByPath.get(INDEX) ?? '';
      const letters = new Set([...findDefinitions(project).keys()].map((number) => number[0]));
      return [...letters]
        .filter((letter) => !index.includes(`\n| ${letter} |`))
        .map((letter) => ({ where: INDEX, text: `say which page defines ${letter}` }));
    },
  },
];

/** The rows that define each number. */
function findDefinitions({ textByPath }: Project): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const [path, text] of textByPath) {
    if (!/^docs\/.*\.md$/.test(path)) continue;
    for (const { 1: number = '', index } of text.matchAll(DEFINITION)) {
      const where = `${path}:${lineAt(text, index)}`;
      places.set(number, [...(places.get(number) ?? []), where]);
    }
  }
  return places;
}

function eachCitation(
  { textByPath }: Project,
  judge: (number: string) => string | undefined,
): Problem[] {
  return [...textByPath]
    .filter(([path]) => /^(?:src|test)\/.*\.ts$|^docs\/.*\.md$/.test(path))
    .flatMap(([path, text]) =>
      [...text.matchAll(NUMBER)].flatMap((match) => {
        const problem = judge(match[0]);
        const where = `${path}:${lineAt(text, match.index)}`;
        return problem === undefined ? [] : [{ where, text: problem }];
      }),
    );
}
