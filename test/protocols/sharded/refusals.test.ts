// What the protocol refuses says why, in simulation: commands, options, keys, servers that wait.
import { describe, expect, it } from 'vitest';
import { chooseOptions } from '../../../src/language/choice.ts';
import { sharded } from '../../../src/protocols/sharded/index.ts';
import { simulate } from '../../scripts/programs.ts';

/** The notes of a script whose lines are divided by semicolons, without the lines' places. */
async function notesOf(script: string): Promise<string[]> {
  const { stderr } = await simulate(Buffer.from(script.replaceAll(';', '\n')));
  const notes = stderr.trimEnd().split('\n');
  return notes.map((note) => note.replace(/^causeway: (?:stdin:\d+: )?/, ''));
}

const TWO = 'joinServer 0;joinServer 1;joinClient 10 0';

describe('the commands of the shard master', () => {
  it.each([
    ['join 1', 'ERR_IS_MEMBER: the server belongs to a group already: server 1'],
    ['killServer 1;join 1', 'ERR_IS_MEMBER: the server belongs to a group already: server 1'],
    ['leave 1;killServer 1;join 1', 'ERR_NOT_ALIVE: no such server is alive: server 1'],
    ['join 7', 'ERR_NOT_ALIVE: no such server is alive: server 7'],
    ['join 10', 'ERR_NOT_ALIVE: no such server is alive: server 10'],
    ['leave 7', 'ERR_NOT_A_MEMBER: the server belongs to no group: server 7'],
    ['leave 0;leave 0', 'ERR_NOT_A_MEMBER: the server belongs to no group: server 0'],
  ])('say of %s what is wrong', async (lines, note) => {
    expect(await notesOf(`protocol sharded;${TWO};${lines}`)).toEqual([note]);
  });

  it('refuse a key out of range as put and get do', async () => {
    const lines = `${TWO};query 10;query 01 put;put 10 10 v`;
    const script = `protocol sharded partitioner=range keys=10;${lines}`;
    const isNo = 'is no key: a key is a whole number from 0 to 9';
    expect(await notesOf(script)).toEqual(
      ['10', '01', '10'].map((key) => `E_BAD_KEY: '${key}' ${isNo}`),
    );
  });
});

describe('an append', () => {
  it('that would make a value too large says so, and changes nothing', async () => {
    const half = 'x'.repeat(600_000);
    const script = `protocol sharded;${TWO};append 10 k ${half};append 10 k ${half};append 10 k ""`;
    expect(await notesOf(script)).toEqual([
      'note: ERR_VALUE_LIMIT: not done, the value would be over its limit',
    ]);
  });
});

describe('an option without effect', () => {
  it.each([
    ['slots', '8', 'partitioner=range', 'without partitioner=hash'],
    ['keys', '8', 'partitioner=hash', 'without partitioner=range'],
    ['interval', '300ms', 'sync=all', 'with sync=all'],
  ])('%s=%s is refused with %s', (name, text, other, why) => {
    const given = new Map([[name, text], other.split('=') as [string, string]]);
    expect(() => chooseOptions(sharded, given)).toThrow(`${name}=${text} has no effect ${why}`);
  });

  it('is taken with the choice that gives it one, and with its fallback', () => {
    expect(chooseOptions(sharded, new Map([['slots', '8']]))).toMatchObject({ slots: '8' });
    const given = new Map([
      ['sync', '1'],
      ['interval', '300ms'],
    ]);
    expect(chooseOptions(sharded, given)).toMatchObject({ interval: '300ms' });
    expect(chooseOptions(sharded, new Map([['interval', '2s']]))).toMatchObject({ sync: 'all' });
  });
});

describe('a server that comes back', () => {
  it('does not wait for a dead group that is not its own', async () => {
    const script =
      `protocol sharded groups=2;${TWO};joinServer 2;killServer 1;killServer 2;` +
      'get 10 a;get 10 milk;joinServer 2';
    expect(await notesOf(script)).toEqual(['']);
  });

  it('without the data of its group has no place, and a warning says so', async () => {
    const script = `protocol sharded;${TWO};killServer 0;get 10 a;get 10 milk;joinServer 0`;
    expect(await notesOf(script)).toEqual([
      'warning: keys of the group of server 0 are refused: no server has all that was ' +
        'acknowledged; leave with force gives them up',
    ]);
  });
});
