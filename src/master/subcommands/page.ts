// `causeway page`: writes the playground, as a folder for any web server and as one single file.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { escapeControls } from '../../language/printable.ts';
import { toIndexFile, toSingleFile } from '../../web/file/document.ts';
import { EXIT } from '../exitStatus.ts';
import { readPageParts } from '../pageParts.ts';
import { pathOption } from '../pathWords.ts';
import { parseOrSay } from '../reply.ts';
import type { SubcommandSetup } from '../subcommand.ts';

/** The single file, beside `index.html` and what that needs. */
const SINGLE = 'causeway.html';
const TITLE = 'Causeway';

export async function runPage({ words, output }: SubcommandSetup): Promise<number> {
  const command = new Command('causeway page')
    .description(
      'Writes the playground: a page that runs scripts in a browser. It needs no network and no ' +
        `web server; ${SINGLE} is the whole page as one file.`,
    )
    .addOption(pathOption('--out <folder>', 'the folder that gets the files').makeOptionMandatory())
    .helpOption('-h, --help', 'show this')
    .exitOverride();
  const given = parseOrSay(command, words, (parsed) => parsed.opts<{ out: string }>(), output);
  if (typeof given === 'number') return given;
  const { out } = given;
  const parts = readPageParts();
  const files = {
    'index.html': toIndexFile({ title: TITLE }),
    'page.js': parts.script,
    'page.css': parts.style,
    [SINGLE]: toSingleFile({ title: TITLE, ...parts }),
  };
  try {
    mkdirSync(out, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(out, name), text);
  } catch (error) {
    throw new EnvironmentError('E_IO', `${out}: ${(error as Error).message}`);
  }
  const names = Object.keys(files).map((name) => join(out, name));
  output.diagnostic(`causeway: wrote ${escapeControls(names.join(', '))}\n`);
  return EXIT.ok;
}
