// The extension's program: runs the script of an editor as a task, and explains commands. It is
// copied as it is; VS Code loads it as CommonJS.
const { readFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { basename, join } = require('node:path');
const vscode = require('vscode');

const LANGUAGE = 'causeway';

/** By command of the editor: what its task is called, and the options of the program. */
const RUNS = {
  run: { title: 'in simulation', optionsFor: () => ['--sim'] },
  runProcesses: { title: 'on real processes', optionsFor: () => [] },
  runReport: {
    title: 'as a page',
    optionsFor: (path) => ['--sim', '--report', join(tmpdir(), `${basename(path)}.html`)],
  },
};

async function runScript({ title, optionsFor }) {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined || document.isUntitled || document.uri.scheme !== 'file') {
    vscode.window.showErrorMessage('Causeway runs the script of a saved file: open one.');
    return;
  }
  if (document.isDirty) await document.save();
  const path = document.uri.fsPath;
  const [program, ...first] = vscode.workspace.getConfiguration(LANGUAGE).get('command');
  const options = optionsFor(path);
  const words = [...first, ...options, path];
  const task = new vscode.Task(
    { type: LANGUAGE, run: title },
    vscode.workspace.getWorkspaceFolder(document.uri) ?? vscode.TaskScope.Workspace,
    `${basename(path)} ${title}`,
    'Causeway',
    new vscode.ProcessExecution(program, words),
    [`$${LANGUAGE}`],
  );
  const execution = await vscode.tasks.executeTask(task);
  const report = options[options.indexOf('--report') + 1];
  if (!options.includes('--report')) return;
  const ended = vscode.tasks.onDidEndTaskProcess((event) => {
    if (event.execution !== execution) return;
    ended.dispose();
    vscode.env.openExternal(vscode.Uri.file(report));
  });
}

/** What a command of the language does, as the language reference says it. */
function explain(document, position) {
  const text = document.lineAt(position.line).text;
  const [, indent = '', name = ''] = /^([ \t]*)([^ \t#]+)/.exec(text) ?? [];
  if (name === '' || position.character > indent.length + name.length) return undefined;
  const found = readWords()
    .map(({ name: protocol, commands }) => ({
      protocol,
      command: commands.find((command) => command.name === name),
    }))
    .find(({ command }) => command !== undefined);
  if (found === undefined) return undefined;
  const { usage, about, prints } = found.command;
  const lines = [`\`${usage}\``, about, ...(prints === '' ? [] : [`Prints ${prints}.`])];
  return new vscode.Hover(lines.join('\n\n'));
}

let words;
function readWords() {
  words ??= JSON.parse(readFileSync(join(__dirname, 'words.json'), 'utf8'));
  return words;
}

exports.activate = (context) => {
  const commands = Object.entries(RUNS).map(([name, run]) =>
    vscode.commands.registerCommand(`${LANGUAGE}.${name}`, () => runScript(run)),
  );
  const help = vscode.languages.registerHoverProvider(LANGUAGE, { provideHover: explain });
  context.subscriptions.push(...commands, help);
};
