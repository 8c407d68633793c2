// The shipped scripts of weak: each level that a script can ask for has one that keeps it, and one
// that differs in its protocol line alone and breaks it. That they say so: golden.test.ts.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LEVELS, STORE_LEVELS } from '../../../src/checkers/index.ts';
import { options } from '../../../src/protocols/weak/options.ts';
import { listShippedScripts, readAnswers } from '../../scripts/shipped.ts';

const SCRIPTS = listShippedScripts().filter(({ name }) => name.startsWith('weak/'));
/** Only histories of transactions have these. */
const OF_TRANSACTIONS = ['read-committed', 'read-atomic'];
const ASKED = [...LEVELS, ...STORE_LEVELS].filter((level) => !OF_TRANSACTIONS.includes(level));

function find(name: string) {
  const script = SCRIPTS.find((shipped) => shipped.name === `weak/${name}`);
  if (script === undefined) throw new Error(`no script inputs/weak/${name}.txt`);
  const lines = readFileSync(script.path, 'utf8').split('\n');
  const isProtocol = (line: string): boolean => line.startsWith('protocol weak');
  return {
    protocol: lines.find(isProtocol) ?? '',
    rest: lines.filter((line) => !isProtocol(line) && !line.startsWith('#')),
    said: readAnswers(script),
  };
}

describe('the scripts of weak', () => {
  it.each([...ASKED])('%s is kept by one and broken by another', (level) => {
    const [kept, broken] = [find(level), find(`${level}-broken`)];
    expect(kept.said).toContain(`${level}: holds\n`);
    expect(broken.said).toContain(`${level}: broken (`);
    expect(broken.rest).toEqual(kept.rest);
    expect(broken.protocol).not.toBe(kept.protocol);
  });

  it('use every value of every option', () => {
    const used = SCRIPTS.map(({ path }) => readFileSync(path, 'utf8')).join('');
    for (const [option, { choices = [], fallback }] of Object.entries(options)) {
      const others = choices.filter((choice) => choice !== fallback);
      expect(others.length, option).toBeGreaterThan(0);
      for (const choice of others) expect(used).toContain(`${option}=${choice}`);
    }
  });
});
