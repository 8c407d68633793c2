// The manifest of the extension for VS Code.
import { LANGUAGE } from './grammar.ts';

const RUN = `${LANGUAGE}.run`;

/** A line that the program says about a line of a script. */
const PROBLEM_MATCHER = {
  name: LANGUAGE,
  owner: LANGUAGE,
  fileLocation: ['autoDetect', `\${workspaceFolder}`],
  severity: 'error',
  pattern: {
    regexp: '^causeway: (.+?):([0-9]+): (E_[A-Z_]+): (.*)$',
    ...{ file: 1, line: 2, code: 3, message: 4 },
  },
};

/** `command` are the words by which this machine starts the program. */
export function createManifest(version: string, command: readonly string[]) {
  const whenScript = `resourceLangId == ${LANGUAGE}`;
  return {
    name: LANGUAGE,
    displayName: 'Causeway',
    description: 'Scripts of Causeway: colours, snippets, help for each command, and running them.',
    version,
    publisher: LANGUAGE,
    license: 'MIT',
    engines: { vscode: '^1.75.0' },
    categories: ['Programming Languages', 'Snippets'],
    main: './extension.js',
    contributes: {
      languages: [
        {
          id: LANGUAGE,
          aliases: ['Causeway'],
          extensions: ['.causeway'],
          firstLine: '^(protocol [a-z]+|joinServer [0-9]+)\\b',
          configuration: './language-configuration.json',
        },
      ],
      grammars: [
        {
          language: LANGUAGE,
          scopeName: `source.${LANGUAGE}`,
          path: `./syntaxes/${LANGUAGE}.tmLanguage.json`,
        },
      ],
      snippets: [{ language: LANGUAGE, path: `./snippets/${LANGUAGE}.json` }],
      commands: [
        { command: RUN, title: 'Causeway: Run this script in simulation', icon: '$(play)' },
        { command: `${RUN}Processes`, title: 'Causeway: Run this script on real processes' },
        { command: `${RUN}Report`, title: 'Causeway: Show a run of this script as a page' },
      ],
      menus: { 'editor/title/run': [{ command: RUN, when: whenScript, group: 'navigation' }] },
      problemMatchers: [PROBLEM_MATCHER],
      configuration: {
        title: 'Causeway',
        properties: {
          [`${LANGUAGE}.command`]: {
            type: 'array',
            items: { type: 'string' },
            minItems: 1,
            default: command,
            description: 'The words that start the program.',
          },
        },
      },
    },
  };
}

export const LANGUAGE_CONFIGURATION = {
  comments: { lineComment: '#' },
  wordPattern: '[^ \\t]+',
  indentationRules: {
    increaseIndentPattern: '^[ \\t]*(concurrently|repeat)\\b.*$',
    decreaseIndentPattern: '^[ \\t]*end\\b.*$',
  },
  folding: { markers: { start: '^[ \\t]*(concurrently|repeat)\\b', end: '^[ \\t]*end\\b' } },
};
