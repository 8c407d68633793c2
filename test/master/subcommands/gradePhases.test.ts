// The scripts of a grading have the counts of the real grader.
import { describe, expect, it } from 'vitest';
import {
  listBeginning,
  listPhases,
  nodeOf,
  type Phase,
} from '../../../src/master/subcommands/gradePhases.ts';
import { NODES } from '../../../src/master/subcommands/gradePlacement.ts';

const SEEDS = [1, 2, 3];

function phasesOf(seed: number): Record<'basic' | 'different' | 'same' | 'failing', Phase> {
  const [basic, different, same, failing] = listPhases(seed) as [Phase, Phase, Phase, Phase];
  return { basic, different, same, failing };
}

interface Line {
  readonly command: string;
  readonly client: number;
  readonly key: string;
  readonly value: string | undefined;
}

function linesOf({ lines }: Phase, ...commands: string[]): Line[] {
  return lines
    .map((line) => line.split(' '))
    .filter(([command, , key = '']) => commands.includes(command as string) && key.length > 1)
    .map(([command, client, key, value]) => {
      return { command, client: Number(client), key, value } as Line;
    });
}

const countOf = (lines: readonly Line[]): number => lines.length;
const keysIn = (lines: readonly Line[]): Set<string> => new Set(lines.map(({ key }) => key));

/** How many of the lines each node has. */
function perNode(lines: readonly Line[]): number[] {
  return NODES.map((node) => lines.filter(({ client }) => nodeOf(client) === node).length);
}

/** The lines of each block. */
function blocksOf({ lines }: Phase): string[][] {
  const text = lines.join('\n');
  return [...text.matchAll(/^concurrently\n([\s\S]*?)\nend$/gm)].map(
    ([, block = '']) => block.split('\n') as string[],
  );
}

describe.each(SEEDS)('under seed %i', (seed) => {
  const { basic, different, same, failing } = phasesOf(seed);

  it('the same seed gives the same, another something else', () => {
    expect(listPhases(seed)).toEqual(listPhases(seed));
    expect(listPhases(seed)).not.toEqual(listPhases(seed + 1));
  });

  it('phase 1 has 25 keys, five put at each node, all deleted at every node', () => {
    const puts = linesOf(basic, 'put');
    expect(keysIn(puts).size).toBe(25);
    expect(perNode(puts.slice(0, 25))).toEqual([5, 5, 5, 5, 5]);
    const deletes = linesOf(basic, 'delete');
    expect(perNode(deletes)).toEqual([25, 25, 25, 25, 25]);
    expect(keysIn(deletes)).toEqual(keysIn(puts));
    expect(perNode(linesOf(basic, 'get'))).toEqual([25, 25, 25, 25, 25]);
    expect(basic.lines.filter((line) => /^delete \d+ [@*]$/.test(line))).toHaveLength(2);
  });

  it('phase 2 puts 30 keys at each node by two workers, each followed by its get', () => {
    const lines = linesOf(different, 'put', 'get');
    const puts = lines.filter(({ command }) => command === 'put');
    expect([countOf(puts), keysIn(puts).size]).toEqual([150, 150]);
    expect(perNode(puts)).toEqual([30, 30, 30, 30, 30]);
    expect(new Set(puts.map(({ client }) => client)).size).toBe(10);
    for (const [at, { command, client, key }] of lines.entries()) {
      if (command === 'get') expect(lines[at - 1]).toMatchObject({ command: 'put', client, key });
    }
    expect(blocksOf(different)).toHaveLength(1);
  });

  it('phase 3 has 15 rounds of two keys, which every node puts at once, then gets', () => {
    expect(keysIn(linesOf(same, 'put')).size).toBe(30);
    expect(countOf(linesOf(same, 'put'))).toBe(150);
    expect(countOf(linesOf(same, 'get'))).toBe(150);
    const blocks = blocksOf(same);
    expect(blocks).toHaveLength(30);
    for (const block of blocks) {
      const keys = new Set(block.map((line) => line.split(' ')[2]));
      const clients = new Set(block.map((line) => line.split(' ')[1]));
      expect([block.length, keys.size, clients.size]).toEqual([10, 2, 10]);
    }
    const values = linesOf(same, 'put').map(({ value }) => value);
    expect(new Set(values).size).toBe(150);
    expect([same.isAgreed, different.isAgreed]).toEqual([true, false]);
  });

  it('phase 4 has a random other node down for each node and operation', () => {
    for (const command of ['put', 'get', 'delete']) {
      const lines = linesOf(failing, command);
      expect([countOf(lines), keysIn(lines).size]).toEqual([150, 150]);
      expect(perNode(lines)).toEqual([30, 30, 30, 30, 30]);
    }
    const text = failing.lines.join('\n');
    const failures = [
      ...text.matchAll(/^killServer (\d+)\n\w+ (\d+) [\s\S]*?^joinServer (\d+)$/gm),
    ];
    expect(failures).toHaveLength(15);
    for (const [, failed, client, returned] of failures) {
      expect(returned).toBe(failed);
      expect(nodeOf(Number(client))).not.toBe(Number(failed));
    }
    expect(new Set(failures.map(([, failed]) => failed)).size).toBeGreaterThan(2);
  });

  it('phases 5 and 6 have one crash, and one of each node in turn', () => {
    const [, , , , once, often] = listPhases(seed) as Phase[];
    const killedIn = ({ lines }: Phase): string[] =>
      lines.flatMap((line) => /^killServer (\d+)$/.exec(line)?.[1] ?? []);
    expect(killedIn(once as Phase)).toHaveLength(1);
    expect(killedIn(often as Phase).sort()).toEqual(NODES.map(String));
    for (const block of blocksOf(often as Phase).filter((_, at) => at % 2 === 0)) {
      expect(block.findIndex((line) => line.startsWith('killServer'))).toBe(75);
      expect(block).toHaveLength(151);
    }
  });
});

it('the nodes are those of the real grader, with two clients each', () => {
  const lines = listBeginning('chain', ['reads=any']);
  expect(lines[0]).toBe('protocol chain reads=any');
  expect(lines.filter((line) => line.startsWith('joinServer'))).toEqual(
    [5554, 5556, 5558, 5560, 5562].map((node) => `joinServer ${node}`),
  );
  const joins = lines.flatMap((line) => /^joinClient (\d+) (\d+)$/.exec(line)?.slice(1, 3) ?? []);
  expect(joins).toHaveLength(20);
  for (let at = 0; at < joins.length; at += 2) {
    expect(nodeOf(Number(joins[at]))).toBe(Number(joins[at + 1]));
  }
});
