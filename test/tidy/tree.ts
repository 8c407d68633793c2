// Rules about the project's folder as a whole: its files, its dependencies, its published texts.
import { posix } from 'node:path';
import type { Problem, Project, Rule } from './project.ts';
import { ARROWS } from './rooms.ts';

const ENDINGS = new Set(
  [
    '.ts .tsx .mts .cts .js .cjs .json .yml .txt .out .golden .err .md .css .html .svg .png',
    // The examples of nodes in other languages.
    '.py .go .mod',
  ].flatMap((endings) => endings.split(' ')),
);
const WITHOUT_ENDING = new Set(['LICENSE', '.gitignore', '.gitattributes', '.ci/run']);
const LARGEST_BYTES = 256 * 1024;
const LARGEST_PICTURE_BYTES = 200_000;
const DECISIONS = 'docs/decisions/README.md';

/** Places that exist on one machine only, and names of registries. */
const GIVEAWAYS: readonly (readonly [RegExp, string])[] = [
  [/(?<![\w.$*])\/(?:home|root|work|Users)\/[\w.-]/, 'a path of one machine: make it relative'],
  [/\b[A-Z]:\\+Users\b/, 'a path of one machine: make it relative'],
  [/\bregistry\.[\w-]+\.\w+/, "a registry's address: each user's npm has its own"],
];

export const TREE_RULES: readonly Rule[] = [
  {
    name: 'versions are pinned',
    check: ({ textByPath }) => {
      const manifest = JSON.parse(textByPath.get('package.json') ?? '{}');
      const groups = ['dependencies', 'devDependencies', 'optionalDependencies'];
      return groups
        .flatMap((group) => Object.entries<string>(manifest[group] ?? {}))
        .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))
        .map(([name, version]) => ({
          where: 'package.json',
          text: `${name} ${version}: name one exact version`,
        }));
    },
  },
  {
    name: 'the lock file names no address',
    check: ({ textByPath }) =>
      eachLine(textByPath.get('package-lock.json') ?? '', 'package-lock.json', (line) =>
        /"resolved":|https?:\/\/[^"]*\.tgz/.test(line)
          ? "take the `resolved` fields out: each user's npm knows where to ask"
          : undefined,
      ),
  },
  {
    name: 'nothing gives a machine away',
    check: (project) =>
      [...project.textByPath].flatMap(([path, text]) =>
        eachLine(text, path, (line) => GIVEAWAYS.find(([pattern]) => pattern.test(line))?.[1]),
      ),
  },
  {
    name: 'endings are known ones',
    check: ({ textByPath }) =>
      [...textByPath.keys()]
        .filter((path) => !ENDINGS.has(posix.extname(path)) && !WITHOUT_ENDING.has(path))
        .map((path) => ({
          where: path,
          text: `does it belong here? Known are ${[...ENDINGS].join(' ')}`,
        })),
  },
  {
    name: 'nothing is large or binary',
    check: ({ textByPath }) =>
      [...textByPath].flatMap(([path, text]): Problem[] => {
        // A picture of the page shows what no text can.
        const isPicture = path.startsWith('docs/') && posix.extname(path) === '.png';
        if (isPicture && text.length <= LARGEST_PICTURE_BYTES) return [];
        if (text.includes('\0'))
          return [{ where: path, text: 'binary: keep what it is made from' }];
        const bytes = Buffer.byteLength(text);
        if (bytes <= LARGEST_BYTES) return [];
        return [{ where: path, text: `${bytes} bytes, over ${LARGEST_BYTES}: generate it` }];
      }),
  },
  {
    name: 'links in documents lead somewhere',
    check: (project) =>
      [...project.textByPath]
        .filter(([path]) => path.endsWith('.md'))
        .flatMap(([path, text]) => eachLine(text, path, (line) => brokenLink(project, path, line))),
  },
  {
    name: 'every room is in the picture',
    check: ({ textByPath }) => {
      const picture = textByPath.get('docs/architecture.md') ?? '';
      return [...ARROWS.keys()]
        .filter((room) => !picture.includes(`\`${room}\``))
        .map((room) => ({ where: 'docs/architecture.md', text: `say what ${room} is for` }));
    },
  },
  {
    name: 'every decision is in the index',
    check: ({ textByPath }) => {
      const index = textByPath.get(DECISIONS) ?? '';
      const folder = posix.dirname(DECISIONS);
      return [...textByPath.keys()]
        .filter((path) => path.startsWith(`${folder}/`) && path !== DECISIONS)
        .filter((path) => !index.includes(`](${posix.basename(path)})`))
        .map((path) => ({ where: path, text: `name it in ${DECISIONS}, in one line` }));
    },
  },
];

function brokenLink({ textByPath }: Project, path: string, line: string): string | undefined {
  for (const [, target = ''] of line.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const goal = posix.join(posix.dirname(path), target);
    const isThere = [...textByPath.keys()].some(
      (known) => known === goal || known.startsWith(goal.replace(/\/?$/, '/')),
    );
    if (!isThere) return `${target} is not there`;
  }
  return undefined;
}

function eachLine(
  text: string,
  path: string,
  judge: (line: string) => string | undefined,
): Problem[] {
  return text.split('\n').flatMap((line, index) => {
    const problem = judge(line);
    return problem === undefined ? [] : [{ where: `${path}:${index + 1}`, text: problem }];
  });
}
