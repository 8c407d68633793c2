// The reference page says what the program does. UPDATE_DOCS=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LINE_ERRORS } from '../../src/language/lineError.ts';
import { renderLanguageReference } from '../../src/master/reference.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { other, plain } from '../support/tinyProtocols.ts';

const PAGE = 'docs/language.md';

describe('the reference page', () => {
  test('is current', () => {
    const current = renderLanguageReference(PROTOCOLS);
    if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, current);
    expect(readFileSync(PAGE, 'utf8')).toBe(current);
  });

  test('has the commands, options and guarantees of every protocol', () => {
    const page = renderLanguageReference([plain, other]);
    expect(page).toContain('| `append c k v` | joins a value to what is stored | `k:value` |');
    expect(page).toContain('## Protocol other');
    expect(page).toContain('| `pace` | how fast | `slow` |');
    expect(page).toContain('| `monotonic` | monotonic-reads |');
  });

  test('has every error code, and tables that are whole', () => {
    const page = renderLanguageReference([plain]);
    for (const code of Object.keys(LINE_ERRORS)) expect(page).toContain(`| \`${code}\` |`);
    for (const row of page.split('\n').filter((line) => line.startsWith('|'))) {
      expect(row.endsWith('|')).toBe(true);
    }
  });
});
