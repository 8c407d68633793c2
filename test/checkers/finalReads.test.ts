// Convergence of sets from the last reads of a history.
import { describe, expect, it } from 'vitest';
import { judgeFinalReads, type Recorded } from '../../src/checkers/index.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { parseSteps, toHistory } from './setWorlds.ts';

function judge(lines: readonly string[], isTimed = true) {
  return judgeOperations(toHistory(parseSteps(lines)), isTimed);
}

function judgeOperations(operations: readonly Recorded[], isTimed = true) {
  return judgeFinalReads({ operations, isTimed, transactions: 0 });
}

describe('the last reads of a set', () => {
  it.each([
    ['find all that was added', ['0 +a', '1 +b', '1 {b}', '0 {a b}', '1 {b a}'], 'holds'],
    ['find one outcome of a race', ['0 +a', '1 -a', '0 {a}', '1 {a}'], 'holds'],
    ['find that it is removed', ['0 +a', '1 -a', '0 {}', '1 {}'], 'holds'],
    ['differ in what is under way', ['0 +a?', '1 +b', '1 {b}', '2 {a b}'], 'holds'],
    ['differ in what was removed', ['0 +a', '1 -a', '0 {a}', '1 {}'], 'broken'],
    ['differ', ['0 +a', '1 +b', '0 {a b}', '1 {b}'], 'broken'],
    ['lack what nothing removed', ['0 +a', '1 +b', '0 {a}', '1 {a}'], 'broken'],
    ['find what was never added', ['0 +a', '0 {a c}', '1 {a c}'], 'broken'],
    ['were before the last change', ['0 +a', '0 {a}', '1 {a}', '1 +b'], 'undecided'],
    ['are those of one client', ['0 +a', '0 {a}', '0 {a}'], 'undecided'],
  ] as const)('%s', (_, lines, outcome) => {
    expect(judge(lines).outcome).toBe(outcome);
  });

  it('are told with what they differ in', () => {
    expect(judge(['0 +a', '1 +b', '0 {a b}', '1 {b}'])).toMatchObject({
      witness: {
        pattern: 'DifferentReads',
        sentence:
          'client 0 read S (line 3) with a, and client 1 read S (line 4) without a, when nothing ' +
          'changed any more.',
      },
    });
    expect(judge(['0 +a', '0 {}', '1 {}'])).toMatchObject({
      witness: {
        sentence:
          'client 0 read S (line 2) without a, although client 0 added a to the set S (line 1), ' +
          'and nothing removed that.',
      },
    });
  });

  it('need times, and sets', () => {
    expect(judge(['0 +a', '0 {a}', '1 {a}'], false).outcome).toBe('undecided');
    expect(judgeOperations([]).outcome).toBe('undecided');
  });
});

/** Three replicas of an observed-remove set, which are merged at the end, and then read. */
function play(random: RandomStream): { lines: string[]; held: string[] } {
  const replicas = [0, 1, 2].map(() => ({ adds: new Set<string>(), gone: new Set<string>() }));
  type Replica = (typeof replicas)[number];
  const heldBy = ({ adds, gone }: Replica): string[] => [
    ...new Set([...adds].filter((tag) => !gone.has(tag)).map((tag) => tag[0] as string)),
  ];
  const merge = (to: Replica, from: Replica): void => {
    for (const tag of from.adds) to.adds.add(tag);
    for (const tag of from.gone) to.gone.add(tag);
  };
  const lines = Array.from({ length: 12 }, (_, place): string => {
    const id = randomBelow(random, 3);
    const own = replicas[id] as Replica;
    if (random() < 0.3) merge(own, replicas[randomBelow(random, 3)] as Replica);
    const held = heldBy(own);
    const element = 'abcd'[randomBelow(random, 4)] as string;
    if (random() < 0.3) return `${id} {${held.join(' ')}}`;
    if (random() < 0.4) {
      for (const tag of own.adds) if (tag[0] === element) own.gone.add(tag);
      return `${id} -${element}`;
    }
    own.adds.add(`${element}${place}`);
    return `${id} +${element}`;
  });
  for (const to of replicas) for (const from of replicas) merge(to, from);
  for (const to of replicas) for (const from of replicas) merge(to, from);
  return { lines, held: heldBy(replicas[0] as Replica) };
}

it('hold for replicas that merge, and are broken where one loses or keeps something', () => {
  const random = createRandomStream(1, 'final reads');
  for (let round = 0; round < 300; round += 1) {
    const { lines, held } = play(random);
    const read = (id: number, elements: readonly string[]) => `${id} {${elements.join(' ')}}`;
    const reads = [0, 1, 2].map((id) => read(id, held));
    expect(judge([...lines, ...reads]).outcome, lines.join(', ')).toBe('holds');
    const other = held.length > 0 ? held.slice(1) : ['a'];
    const wrong = [...lines, ...reads.slice(0, 2), read(2, other)];
    expect(judge(wrong).outcome, wrong.join(', ')).toBe('broken');
  }
});
