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
import { packExtension } from '../editor/vsix.ts';
import { EXIT } from '../exitStatus.ts';
import { pathOption } from '../pathWords.ts';
import { parseOrSay } from '../reply.ts';
import type { SubcommandSetup } from '../subcommand.ts';

/** The ending of an extension that is one file. */
const PACKED = '.vsix';

export async function runEditor({ words, protocols, output }: SubcommandSetup): Promise<number> {
  const command = new Command('causeway editor')
    .description(
      'Writes the extension for VS Code: colours, snippets, help for each command, and a button ' +
        'that runs a script. A name that ends in .vsix is a file to be installed with ' +
        '"code --install-extension causeway.vsix"; another one is a folder, whose grammar, in ' +
        'syntaxes, is for other editors as well.',
    )
    .addOption(pathOption('--out <path>', 'causeway.vsix, or a folder').makeOptionMandatory())
    .helpOption('-h, --help', 'show this')
    .exitOverride();
  const given = parseOrSay(command, words, (parsed) => parsed.opts<{ out: string }>(), output);
  if (typeof given === 'number') return given;
  const { out } = given;
  try {
    const files = filesOf(protocols);
    const written = out.endsWith(PACKED) ? { [out]: packExtension(files) } : within(out, files);
    for (const [path, content] of Object.entries(written)) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
  } catch (error) {
    throw new EnvironmentError('E_IO', `${out}: ${(error as Error).message}`);
  }
  output.diagnostic(`causeway: wrote the extension into ${escapeControls(out)}\n`);
  return EXIT.ok;
}

type Files = { readonly [name: string]: string };

function within(folder: string, files: Files): Files {
  return Object.fromEntries(
    Object.entries(files).map(([name, text]) => [join(folder, name), text]),
  );
}

function filesOf(protocols: readonly Design[]): Files {
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
