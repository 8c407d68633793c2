// The extension for VS Code: its grammar over the scripts that are shipped, by VS Code's own
// tokenizer; its program with a stand-in for the editor.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createOnigScanner, createOnigString, loadWASM } from 'vscode-oniguruma';
import { type IGrammar, INITIAL, parseRawGrammar, Registry } from 'vscode-textmate';
import { createGrammar } from '../../../src/master/editor/grammar.ts';
import { Interruption } from '../../../src/master/interruption.ts';
import { runProgram } from '../../../src/master/program.ts';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
import { listShippedScripts } from '../../scripts/shipped.ts';
import { Collector, createInput } from '../../support/streams.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-editor-'));
const out = join(folder, 'extension');
afterAll(() => rmSync(folder, { recursive: true }));

async function editor(...words: string[]) {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const interruption = new Interruption();
  const status = await runProgram({
    ...{ words: ['editor', ...words], protocols: PROTOCOLS, stdin: createInput('') },
    ...{ stdout, stderr, interruption },
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

const hasUnzip = spawnSync('unzip', ['-v']).status === 0;

/** Text by name. Finds files by the archive's directory, and checks their headers against it. */
function readZip(bytes: Buffer): Map<string, string> {
  const end = bytes.length - 22;
  expect(bytes.readUInt32LE(end)).toBe(0x06054b50);
  const entries = new Map<string, string>();
  let at = bytes.readUInt32LE(end + 16);
  expect(at + bytes.readUInt32LE(end + 12)).toBe(end);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    expect(bytes.readUInt32LE(at)).toBe(0x02014b50);
    const [size, nameSize] = [bytes.readUInt32LE(at + 24), bytes.readUInt16LE(at + 28)];
    const name = bytes.subarray(at + 46, at + 46 + nameSize);
    const header = bytes.readUInt32LE(at + 42);
    expect(bytes.readUInt32LE(header)).toBe(0x04034b50);
    // From the version that is needed to the length of the name.
    expect(bytes.subarray(header + 4, header + 28)).toEqual(bytes.subarray(at + 6, at + 30));
    expect(bytes.subarray(header + 30, header + 30 + nameSize)).toEqual(name);
    const content = bytes.subarray(header + 30 + nameSize, header + 30 + nameSize + size);
    expect(bytes.readUInt32LE(at + 16)).toBe(crc32(content));
    entries.set(name.toString(), content.toString());
    at += 46 + nameSize;
  }
  return entries;
}

const readJson = (name: string) => JSON.parse(readFileSync(join(out, name), 'utf8'));

beforeAll(async () => {
  const { status, stdout, stderr } = await editor('--out', out);
  expect([status, stdout]).toEqual([0, '']);
  expect(stderr).toBe(`causeway: wrote the extension into ${out}\n`);
});

describe('as one file', () => {
  const packed = join(folder, 'new folder', 'causeway.vsix');

  it('is an archive of the same files, whole and unchanged', async () => {
    const { status, stderr } = await editor('--out', packed);
    expect([status, stderr]).toEqual([0, `causeway: wrote the extension into ${packed}\n`]);
    const entries = readZip(readFileSync(packed));
    const names = [...entries.keys()];
    expect(names.slice(0, 2)).toEqual(['[Content_Types].xml', 'extension.vsixmanifest']);
    const own = readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(out, join(entry.parentPath, entry.name)));
    expect(names.slice(2).sort()).toEqual(own.map((name) => `extension/${name}`).sort());
    for (const name of own) {
      expect(entries.get(`extension/${name}`)).toBe(readFileSync(join(out, name), 'utf8'));
    }
  });

  it('has a manifest that says what the one of the extension says', () => {
    const manifest = readZip(readFileSync(packed)).get('extension.vsixmanifest') ?? '';
    const { name, version, publisher } = readJson('package.json');
    expect(manifest).toContain(`Id="${name}" Version="${version}" Publisher="${publisher}"`);
  });

  it('has the same bytes each time', async () => {
    const before = readFileSync(packed);
    await editor('--out', packed);
    expect(readFileSync(packed).equals(before)).toBe(true);
  });

  it.runIf(hasUnzip)('is what unzip takes for whole', () => {
    const { stdout, status } = spawnSync('unzip', ['-t', packed], { encoding: 'utf8' });
    expect([status, stdout]).toEqual([0, expect.stringContaining('No errors detected')]);
  });
});

describe('its manifest', () => {
  it('names files that are there', () => {
    const { main, contributes } = readJson('package.json');
    const { languages, grammars, snippets } = contributes;
    const named = [
      main,
      languages[0].configuration,
      ...[...grammars, ...snippets].map(({ path }) => path),
    ];
    expect(named.filter((name) => !existsSync(join(out, name)))).toEqual([]);
    expect(named).toHaveLength(4);
  });

  it('knows a script by its first line, and a bad line by what the program says', () => {
    const { languages, problemMatchers } = readJson('package.json').contributes;
    const firstLine = new RegExp(languages[0].firstLine);
    expect(['joinServer 0', 'protocol chain'].filter((line) => !firstLine.test(line))).toEqual([]);
    expect(firstLine.test('joinServers are many')).toBe(false);
    const { regexp } = problemMatchers[0].pattern;
    const found = new RegExp(regexp).exec('causeway: a b.txt:3: E_BAD_ID: the id s is missing');
    expect(found?.slice(1)).toEqual(['a b.txt', '3', 'E_BAD_ID', 'the id s is missing']);
  });

  it('starts this program', async () => {
    const words =
      readJson('package.json').contributes.configuration.properties['causeway.command'].default;
    expect(words[0]).toBe('node');
    expect(existsSync(words[1])).toBe(true);
  });
});

describe('its grammar', () => {
  let grammar: IGrammar;
  beforeAll(async () => {
    const wasm = createRequire(import.meta.url).resolve('vscode-oniguruma/release/onig.wasm');
    await loadWASM(readFileSync(wasm).buffer as ArrayBuffer);
    const path = join(out, 'syntaxes/causeway.tmLanguage.json');
    const registry = new Registry({
      onigLib: Promise.resolve({
        createOnigScanner,
        createOnigString,
      }),
      loadGrammar: async () => parseRawGrammar(readFileSync(path, 'utf8'), path),
    });
    grammar = (await registry.loadGrammar('source.causeway')) as IGrammar;
  });

  /** The parts of a line that have a scope of their own. */
  function scopesOf(line: string): string[] {
    const { tokens } = grammar.tokenizeLine(line, INITIAL);
    return tokens.flatMap(({ startIndex, endIndex, scopes }) => {
      const scope = scopes.at(-1) ?? '';
      if (scope === 'source.causeway') return [];
      return `${line.slice(startIndex, endIndex)} ${scope.replace('.causeway', '')}`;
    });
  }

  it.each([
    [
      'put 5 x a value  of words',
      [
        'put support.function',
        '5 constant.numeric.id',
        'x variable.other.key',
        'a value  of words string.unquoted.value',
      ],
    ],
    [
      '\tprotocol quorum n=3',
      [
        'protocol keyword.control',
        'quorum support.constant',
        'n entity.other.attribute-name',
        '= keyword.operator.assignment',
        '3 string.unquoted',
      ],
    ],
    ['sleep 200ms', ['sleep support.function', '200ms constant.numeric']],
    [
      'partition 0 | 1 oneway',
      [
        'partition support.function',
        '0 constant.numeric',
        '| keyword.operator',
        '1 constant.numeric',
      ],
    ],
    ['check linearizable', ['check keyword.control', 'linearizable support.constant']],
    [
      'get $who x',
      ['get support.function', '$who variable.other.constant', 'x variable.other.key'],
    ],
    [
      'wait until get 5 x expect x:1 within 5s',
      ['wait keyword.control', '5 constant.numeric.id', '5s constant.numeric'],
    ],
    ['# get 5 x', ['# get 5 x comment.line.number-sign']],
    ['#> x:1', ['#> x:1 comment.line.number-sign.answer']],
    ['puts 5 x', ['puts invalid.illegal.unknown-command']],
  ])('colours %s', (line, wanted) => {
    expect(scopesOf(line)).toEqual(wanted);
  });

  it('knows every command of the shipped scripts', () => {
    const lines = listShippedScripts().flatMap(({ path }) =>
      readFileSync(path, 'utf8').split(/\r?\n/),
    );
    const commands = lines.filter((line) => /^[ \t]*[^ \t#]/.test(line));
    expect(commands.length).toBeGreaterThan(500);
    const kinds = commands.map((line) => [line, scopesOf(line)[0]?.split(' ').at(-1)]);
    const known = ['support.function', 'keyword.control'];
    expect(kinds.filter(([, kind = '']) => !known.includes(kind))).toEqual([]);
  });

  it('is made from the commands that it is given', () => {
    const words = { name: 'mine', summary: '', commands: [] };
    const command = { name: 'fly', usage: 'fly s', about: '', prints: '', kinds: ['id'] as const };
    const own = createGrammar([{ ...words, commands: [command] }], ['causal']);
    expect(own.patterns.map(({ match }) => match).join()).toContain('(fly)');
  });
});

it('has a snippet for each command, with places to fill in', () => {
  const snippets = readJson('snippets/causeway.json');
  const holesOf = (name: string) => snippets[name].body[0].match(/(?<=\d:)\w+(?=\})/g);
  expect(holesOf('put')).toEqual(['c', 'k', 'v']);
  expect(holesOf('joinClient')).toEqual(['c', 's']);
  const textOf = (name: string) => snippets[name].body[0].replaceAll('$', '');
  expect(textOf('let')).toBe('let {1:name} = {2:v}');
  expect(textOf('wait')).toBe('wait until get {1:c} {2:k} expect 2:{3:v} within {4:5s}');
  expect(snippets.partition.body[0]).toContain(' | ');
  expect(snippets.heal.body).toEqual(['heal']);
  expect(Object.keys(snippets)).toEqual(expect.arrayContaining(['lpop', 'cas', 'a partition']));
});

describe('its program', () => {
  const executed: { args: unknown[] }[] = [];
  const registered = new Map<string, () => Promise<void>>();
  let hover: (document: unknown, position: unknown) => { text: string } | undefined;
  const document = {
    isUntitled: false,
    isDirty: true,
    save: vi.fn(async () => true),
    uri: { scheme: 'file', fsPath: join(folder, 'my script.txt') },
    lineAt: () => ({ text: '  put 5 x 1' }),
  };
  type TaskParts = [unknown, unknown, title: string, unknown, Made, matchers: string[]];
  const lastTask = () => (executed.at(-1)?.args ?? []) as TaskParts;
  const showErrorMessage = vi.fn();
  class Made {
    readonly args: unknown[];
    constructor(...args: unknown[]) {
      this.args = args;
    }
  }
  const vscode = {
    window: { activeTextEditor: { document }, showErrorMessage },
    workspace: {
      getConfiguration: () => ({ get: () => ['node', 'master.js'] }),
      getWorkspaceFolder: () => undefined,
    },
    TaskScope: { Workspace: 2 },
    Task: Made,
    ProcessExecution: Made,
    Hover: class {
      readonly text: string;
      constructor(text: string) {
        this.text = text;
      }
    },
    tasks: {
      executeTask: async (task: { args: unknown[] }) => executed.push(task),
      onDidEndTaskProcess: () => ({ dispose: () => undefined }),
    },
    env: { openExternal: () => undefined },
    Uri: { file: (path: string) => path },
    commands: {
      registerCommand: (name: string, run: () => Promise<void>) => registered.set(name, run),
    },
    languages: {
      registerHoverProvider: (_language: string, provider: { provideHover: typeof hover }) => {
        hover = provider.provideHover;
      },
    },
  };

  beforeAll(() => {
    const require = createRequire(join(out, 'extension.js'));
    const module = { exports: {} as { activate(context: unknown): void } };
    runInNewContext(readFileSync(join(out, 'extension.js'), 'utf8'), {
      exports: module.exports,
      require: (name: string) => (name === 'vscode' ? vscode : require(name)),
      __dirname: out,
    });
    module.exports.activate({ subscriptions: [] });
  });

  it('has every command of the manifest', () => {
    const { commands } = readJson('package.json').contributes;
    const names = commands.map(({ command }: { command: string }) => command);
    expect([...registered.keys()]).toEqual(names);
  });

  it('saves the script, and runs it as a task', async () => {
    await registered.get('causeway.run')?.();
    expect(document.save).toHaveBeenCalledOnce();
    const [, , title, , execution, matchers] = lastTask();
    expect(title).toBe('my script.txt in simulation');
    expect(execution.args).toEqual(['node', ['master.js', '--sim', document.uri.fsPath]]);
    expect([...matchers]).toEqual(['$causeway']);
    await registered.get('causeway.runProcesses')?.();
    expect(lastTask()[4].args).toEqual(['node', ['master.js', document.uri.fsPath]]);
  });

  it('says what a command does', () => {
    expect(hover(document, { line: 0, character: 3 })?.text).toContain('`put c k v');
    expect(hover(document, { line: 0, character: 9 })).toBeUndefined();
  });

  it('runs no script that is not saved', async () => {
    document.isUntitled = true;
    const before = executed.length;
    await registered.get('causeway.run')?.();
    expect(executed).toHaveLength(before);
    expect(showErrorMessage).toHaveBeenCalledWith(expect.stringContaining('saved file'));
    document.isUntitled = false;
  });
});

it.each([
  [[], 64, /--out/],
  [['--out', '/dev/null/x'], 71, /E_IO|not a directory/],
])('refuses %j', async (words, status, why) => {
  const ran = await editor(...words);
  expect([ran.status, ran.stdout]).toEqual([status, '']);
  expect(ran.stderr).toMatch(why);
});
