import { describe, expect, it } from 'vitest';
import { simulateWords } from '../../master/subcommands/programs.ts';

const CHAIN = 'protocol chain\njoinServer 0\njoinClient 5 0\nput 5 k v\n';

describe('words that stand for many keys', () => {
  it('show them where the protocol has such words', async () => {
    const { stdout } = await simulateWords(['--sim'], `${CHAIN}put 5 a b\nget 5 @\nget 5 *\n`);
    expect(stdout).toBe('a:b\nk:v\na:b\nk:v\n');
  });

  it('as JSON are one object', async () => {
    const { stdout } = await simulateWords(['--sim', '--json'], `${CHAIN}get 5 *\n`);
    expect(JSON.parse(stdout)).toEqual({
      line: 5,
      command: 'get',
      client: 5,
      scope: '*',
      entries: [['k', 'v']],
    });
  });

  it('are no keys there, and are not in the history', async () => {
    const script = `${CHAIN}put 5 @ v\nput 5 * v\nget 5 @\ncheck linearizable\n`;
    const { status, stdout, stderr } = await simulateWords(['--sim'], script);
    expect(stdout).toBe('k:v\nlinearizable: holds\n');
    expect(stderr.match(/E_ARGS: \S+ is no key in protocol chain/g)).toHaveLength(2);
    expect(status).toBe(65);
  });

  it('are ordinary keys elsewhere', async () => {
    const puts = 'put 5 @ v\nput 5 * w\ndelete 5 *\n';
    const script = `joinServer 0\njoinClient 5 0\n${puts}get 5 @\nget 5 *\n`;
    const { stdout } = await simulateWords(['--sim'], script);
    expect(stdout).toBe('@:v\n*:ERR_KEY\n');
  });

  it('are unreachable without a server, and need a client', async () => {
    const script = `${CHAIN}killServer 0\nget 5 @\nget 6 @\n`;
    const { stdout, stderr } = await simulateWords(['--sim'], script);
    expect(stdout).toBe('@:ERR_UNREACHABLE\n');
    expect(stderr).toContain('E_NO_SUCH_CLIENT');
  });
});
