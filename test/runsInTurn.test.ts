// One run continues with the logs of another: the second run reads what the first acknowledged, and
// is judged by it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { launch, launchInTurn } from './scripts/programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const said = (stdout: string) => ({ status: 0, stdout, stderr: '' });

const HELD =
  'holds: linearizable, read-your-writes-all-keys, monotonic-reads-all-keys, ' +
  'monotonic-writes, writes-follow-reads';

const WRITE = `joinServer 0
joinServer 1
joinServer 2
joinClient 5 0
put 5 x 1
put 5 y 2
put 5 x 3
delete 5 y
`;

it('of causal, where each server has what it knew, and later writes win', async () => {
  const write = `protocol causal\n${WRITE}stabilize\n`;
  const read = 'joinServer 1\njoinClient 5 1\nget 5 x\nget 5 y\nput 5 x 4\nprintStore 1\n';
  const compare = 'joinServer 0\njoinServer 1\nstabilize\nprintStore 0\n';
  expect(await launchInTurn([write, read, compare])).toEqual([
    said(''),
    said('x:3\ny:ERR_KEY\nx:4\n'),
    said('x:4\n'),
  ]);
});

it('of chain, which serves when every server of the ring is back', async () => {
  const write = 'joinServer 0\njoinServer 1\njoinClient 5 0\nput 5 x 1\nput 5 y 2\ndelete 5 y\n';
  const read = 'joinServer 1\njoinClient 5 1\nget 5 x\njoinServer 0\nget 5 x\nget 5 y\n';
  const seen = await launchInTurn([write, read].map((text) => `protocol chain\n${text}`));
  const waiting =
    'causeway: stdin:2: note: server 1 is not ready yet, it waits for server 0 to join\n';
  const second = said('x:ERR_UNREACHABLE\nx:1\ny:ERR_KEY\n');
  expect(seen).toEqual([said(''), { ...second, stderr: waiting }]);
});

it('of another protocol it does not', async () => {
  const [, other] = await launchInTurn([WRITE, 'protocol chain\njoinServer 0\n']);
  expect(other).toMatchObject({ status: 71, stdout: '' });
  expect(other?.stderr).toMatch(/^causeway: E_LOG_FOREIGN: /);
});

it.each(['causal', 'chain'])(
  'of %s, and a check calls nothing broken that it read',
  async (name) => {
    const history = join(folder, `${name}.jsonl`);
    const data = ['--data', join(folder, name)];
    const head = `protocol ${name} storage=log\njoinServer 0\njoinClient 5 0\n`;
    const first = await launch(Buffer.from(`${head}put 5 tea green\ndelete 5 cup\n`), data);
    expect(first).toEqual(said(''));
    const script = Buffer.from(`${head}get 5 tea\nget 5 cup\nput 5 tea black\ncheck\n`);
    const judged = ['--check', 'linearizable', '--check', 'no-lost-writes', '--history', history];
    const second = await launch(script, [...data, ...judged]);
    expect(second).toEqual({
      status: 2,
      stdout: `tea:green\ncup:ERR_KEY\n${HELD}\nanswered: all of 3 operations\n`,
      stderr:
        'causeway: stdin: linearizable: holds\n' +
        'causeway: stdin: no-lost-writes: undecided: there was no stabilize\n',
    });
    const judge = (...words: string[]) => launch(Buffer.from(''), ['check', history, ...words]);
    expect(await judge('--format', 'causeway', '--level', 'linearizable')).toEqual(
      said('linearizable: holds\n'),
    );
    const written = await judge('--to', 'jepsen-edn');
    const again = await launch(Buffer.from(written.stdout), ['check', '--level', 'linearizable']);
    expect(again).toMatchObject({ status: 0, stdout: 'linearizable: holds\n' });
  },
);
