import { describe, expect, it } from 'vitest';
import type { Operation } from '../../src/kernel/history.ts';
import { findDivergence, findRegressions } from './judges.ts';
import { LinkModel, showStoresAfterStabilize } from './linkModel.ts';

const SILENT = { outcome: 'ok', invokedAt: 0, returnedAt: 0, server: 0, applied: null } as const;

function put(line: number, value: string, version: Operation['version']): Operation {
  return {
    ...SILENT,
    session: 5,
    incarnation: 1,
    seq: line,
    kind: 'put',
    key: 'k',
    value,
    version,
    line,
  };
}

function get(line: number, value: string | null, version: Operation['version']): Operation {
  const outcome = value === null ? 'absent' : 'ok';
  return { ...put(line, '', version), kind: 'get', value, outcome };
}

describe('findRegressions', () => {
  it('finds nothing wrong with a session that goes forward', () => {
    const history = [get(1, null, null), put(2, 'a', [1, 0, 1]), get(3, 'a', [1, 0, 1])];
    expect(findRegressions(history)).toEqual([]);
  });

  it.each([
    [
      'a read behind a put',
      [put(1, 'a', [1, 0, 1]), put(2, 'b', [2, 0, 1]), get(3, 'a', [1, 0, 1])],
    ],
    ['nothing behind a put', [put(1, 'a', [1, 0, 1]), get(2, null, null)]],
    ['a put that is not above', [put(1, 'a', [2, 0, 1]), put(2, 'b', [1, 1, 1])]],
    [
      'two writes with one version',
      [put(1, 'a', [1, 0, 1]), { ...put(2, 'b', [1, 0, 1]), session: 6 }],
    ],
    ['a value that was not put', [put(1, 'a', [1, 0, 1]), get(2, 'b', [1, 0, 1])]],
    ['a value that was never put', [get(1, 'b', [1, 0, 1])]],
  ])('finds %s', (_what, history) => {
    expect(findRegressions(history)).toHaveLength(1);
  });
});

describe('findDivergence', () => {
  const checkpoint = {
    serverByLine: new Map([
      [9, 0],
      [10, 1],
      [11, 2],
    ]),
    partitions: [[0, 1], [2]],
    lifeByServer: new Map([
      [0, 1],
      [1, 1],
      [2, 2],
    ]),
  };
  const history = [put(1, 'a', [1, 0, 1]), put(2, 'b', [2, 1, 1]), put(3, 'c', [3, 2, 1])];
  const stores = (...values: (string | undefined)[]) =>
    new Map(
      values.map((value, server) => [
        server,
        new Map(value === undefined ? [] : [['k', value] as const]),
      ]),
    );

  it('lets partitions differ, and lets the writes of a former life be lost', () => {
    expect(findDivergence(checkpoint, stores('b', 'b', undefined), history)).toEqual([]);
  });

  it('finds servers of one partition that differ', () => {
    expect(findDivergence(checkpoint, stores('b', 'a', undefined), history)).toHaveLength(1);
    expect(findDivergence(checkpoint, stores('b', undefined, undefined), history)).toHaveLength(1);
  });

  it('finds a lost write, also where all agree', () => {
    expect(findDivergence(checkpoint, stores('a', 'a', undefined), history)).toHaveLength(1);
    expect(findDivergence(checkpoint, stores(undefined, undefined, 'c'), history)).toHaveLength(1);
  });
});

describe('LinkModel', () => {
  function follow(...lines: string[]): number[][] {
    const model = new LinkModel();
    for (const line of lines) {
      const [command = '', ...words] = line.split(' ');
      model.follow(command, words);
    }
    return model.partitions();
  }

  const FOUR = [0, 1, 2, 3].map((id) => `joinServer ${id}`);

  it('knows who is connected, through others too', () => {
    expect(follow(...FOUR)).toEqual([[0, 1, 2, 3]]);
    expect(follow(...FOUR, 'partition 0 3 | 1 2')).toEqual([
      [0, 3],
      [1, 2],
    ]);
    expect(follow(...FOUR, 'partition 0 3 | 1 2', 'createConnection 3 2')).toEqual([[0, 1, 2, 3]]);
    expect(follow(...FOUR, 'partition 0 | 1 2 | 3', 'heal')).toEqual([[0, 1, 2, 3]]);
  });

  it('connects a server that joins to every other, across partitions', () => {
    expect(follow(...FOUR, 'partition 0 1 | 2 3', 'joinServer 4')).toEqual([[0, 1, 2, 3, 4]]);
    expect(follow(...FOUR, 'partition 0 1 | 2 3', 'killServer 0')).toEqual([[1], [2, 3]]);
  });

  it('does not let a client join two partitions', () => {
    const clients = ['joinClient 9 0', 'createConnection 9 1'];
    expect(follow('joinServer 0', 'joinServer 1', 'breakConnection 1 0', ...clients)).toEqual([
      [0],
      [1],
    ]);
  });

  it('does not count a link of a former life', () => {
    const links = ['breakConnection 0 1', 'killServer 1', 'heal'];
    expect(follow('joinServer 0', 'joinServer 1', ...links)).toEqual([[0]]);
  });

  it('says so where it cannot follow', () => {
    expect(() => follow(...FOUR, 'breakConnection 0 1 oneway')).toThrow('oneway');
    expect(() => follow(...FOUR, 'pauseServer 1')).toThrow('pauseServer 1');
    expect(follow(...FOUR, 'put 9 k oneway')).toEqual([[0, 1, 2, 3]]);
  });

  it('shows all stores behind each stabilize', () => {
    const { text, checkpoints } = showStoresAfterStabilize('joinServer 4\njoinServer 0\nstabilize');
    expect(text).toBe('joinServer 4\njoinServer 0\nstabilize\nprintStore 0\nprintStore 4\n');
    expect(checkpoints).toEqual([
      {
        serverByLine: new Map([
          [4, 0],
          [5, 4],
        ]),
        partitions: [[0, 4]],
        lifeByServer: new Map([
          [0, 1],
          [4, 1],
        ]),
      },
    ]);
  });
});
