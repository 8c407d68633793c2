// One run goes on with the logs of another: what the first acknowledged, the second reads.
import { expect, it } from 'vitest';
import { launchInTurn } from './scripts/programs.ts';

const said = (stdout: string) => ({ status: 0, stdout, stderr: '' });

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
