// Style as a test: applies every rule to every file of the project. tidy/rules.test.ts shows what
// each rule has to find.
import { describe, expect, it } from 'vitest';
import { readProject } from './tidy/project.ts';
import { RULES } from './tidy/rules.ts';

const project = readProject(process.cwd());

describe('tidy', () => {
  it('reads the project', () => {
    const paths = project.sources.map(({ path }) => path);
    expect(paths).toContain('src/kernel/env.ts');
    expect(paths).toContain('test/tidy.test.ts');
    expect(project.textByPath.has('package-lock.json')).toBe(true);
  });

  it.each(RULES)('$name', (rule) => {
    expect(rule.check(project).map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
  });
});
