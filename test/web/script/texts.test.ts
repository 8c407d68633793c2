// Examples as a menu, and the difference of two texts.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findExamples, groupExamples, titleOf } from '../../../src/web/script/examples.ts';
import { findChange } from '../../../src/web/script/textChange.ts';
import { listShippedScripts } from '../../scripts/shipped.ts';

describe('examples', () => {
  const groups = groupExamples([
    ['causal/lost-write', '# A write is lost. Then more.\nput 1 k v\n'],
    ['causal/star', '#Long sentences go\n# on here: and there.\n'],
    ['chain/star', 'joinServer 0\n# Not at the top.\n'],
  ]);

  it('are grouped by protocol, with the first sentence of the comment at their top', () => {
    expect(groups.map(({ protocol, examples }) => [protocol, examples.length])).toEqual([
      ['causal', 2],
      ['chain', 1],
    ]);
    const titles = groups.flatMap(({ examples }) => examples.map(({ title }) => title));
    expect(titles).toEqual(['A write is lost.', 'Long sentences go on here.', '']);
    expect(groups[0]?.examples[0]?.name).toBe('lost write');
  });

  it('are found by all words', () => {
    const names = (query: string) =>
      findExamples(groups, query).flatMap(({ examples }) => examples.map(({ path }) => path));
    expect(names('')).toHaveLength(3);
    expect(names('STAR chain')).toEqual(['chain/star']);
    expect(names('lost  WRITE')).toEqual(['causal/lost-write']);
    expect(names('nothing like it')).toEqual([]);
  });

  it('each shipped script has a title', () => {
    for (const { path } of listShippedScripts()) {
      expect(titleOf(readFileSync(path, 'utf8')), path).toMatch(/^[^ ].*[.!?]$/);
    }
  });
});

describe('the change from one text to another', () => {
  it.each([
    ['abc', 'abc'],
    ['', 'a'],
    ['a', ''],
    ['put 1\nget 1\n', 'put 1\nheal\nget 1\n'],
    ['aaa', 'aa'],
    ['aa', 'aaa'],
    ['abcab', 'ab'],
  ])('%j to %j', (before, after) => {
    const change = findChange(before, after);
    if (change === undefined) expect(before).toBe(after);
    else {
      const { from, to, insert } = change;
      expect(before.slice(0, from) + insert + before.slice(to)).toBe(after);
      expect(to).toBeGreaterThanOrEqual(from);
    }
  });

  it('is small', () => {
    expect(findChange('put 1\nget 1\n', 'put 1\nheal\nget 1\n')).toEqual({
      from: 6,
      to: 6,
      insert: 'heal\n',
    });
  });
});
