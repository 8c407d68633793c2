// `causeway editor`: writes the extension for VS Code, from the program's own table of commands. So
// it knows the protocols of this program, also those that the user has added.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { Design } from '../../kernel/design.ts';
import { CHECKED } from '../../language/checked.ts';
import { CommandTable } from '../../language/commandTable.ts';
import { escapeControls } from '../../language/printable.ts';
import { findBundles } from '../../processes/nodeProcess.ts';
import { createVocabulary } from '../../web/script/vocabulary.ts';
import { createGrammar, LANGUAGE } from '../editor/grammar.ts';
import { createManifest, LANGUAGE_CONFIGURATION } from '../editor/manifest.ts';
import { createSnippets } from '../editor/snippets.ts';
import { EXIT } from '../exitStatus.ts';
import { pathOption } from '../pathWords.ts';
import { parseOrSay } from '../reply.ts';
import type { SubcommandSetup } from '../subcommand.ts';

export async function runEditor({ words, protocols, output }: SubcommandSetup): Promise<number> {
  const command = new Command('causeway editor')
    .description(
      'Writes the extension for VS Code: colours, snippets, help for each command, and a button ' +
        'that runs a script. Its grammar, in syntaxes, is for other editors as well.',
    )
    .addOption(
      pathOption('--out <folder>', 'such as ~/.vscode/extensions/causeway').makeOptionMandatory(),
    )
    .helpOption('-h, --help', 'show this')
    .exitOverride();
  const given = parseOrSay(command, words, (parsed) => parsed.opts<{ out: string }>(), output);
  if (typeof given === 'number') return given;
  const { out } = given;
  try {
    for (const [name, text] of Object.entries(filesOf(protocols))) {
      const path = join(out, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  } catch (error) {
    throw new EnvironmentError('E_IO', `${out}: ${(error as Error).message}`);
  }
  output.diagnostic(`causeway: wrote the extension into ${escapeControls(out)}\n`);
  return EXIT.ok;
}

function filesOf(protocols: readonly Design[]): { [name: string]: string } {
  const vocabulary = createVocabulary(new CommandTable(protocols), protocols);
  const names = [...CHECKED, ...protocols.map(({ name }) => name)];
  const bundles = findBundles();
  const program = join(bundles, '..', 'master.js');
  const { version } = JSON.parse(readFileSync(join(bundles, '..', 'package.json'), 'utf8'));
  return {
    'package.json': toJson(createManifest(version, ['node', program])),
    'language-configuration.json': toJson(LANGUAGE_CONFIGURATION),
    [`syntaxes/${LANGUAGE}.tmLanguage.json`]: toJson(createGrammar(vocabulary, names)),
    [`snippets/${LANGUAGE}.json`]: toJson(createSnippets(vocabulary)),
    'words.json': JSON.stringify(vocabulary),
    'extension.js': readFileSync(join(bundles, 'extension.js'), 'utf8'),
  };
}

const toJson = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
