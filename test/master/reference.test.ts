// The reference page and the protocols' tables of messages match the program. UPDATE_DOCS=1
// rewrites them.
import { readFileSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ENGINES } from '../../src/engines/registry.ts';
import { defineMessages } from '../../src/kernel/messages.ts';
import { LINE_ERRORS } from '../../src/language/lineError.ts';
import { renderLanguageReference, renderMessages } from '../../src/master/reference.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { other, plain } from '../support/tinyProtocols.ts';

const PAGE = 'docs/language.md';

describe('the reference page', () => {
  test('is current', () => {
    const current = renderLanguageReference([...PROTOCOLS, ...ENGINES]);
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

  test('says which commands a protocol lacks, and why', () => {
    const page = renderLanguageReference(ENGINES);
    expect(page).toContain('| `clock` | a program of others reads the clock of the machine |');
  });

  test('has every error code, and tables that are whole', () => {
    const page = renderLanguageReference([plain]);
    for (const code of Object.keys(LINE_ERRORS)) expect(page).toContain(`| \`${code}\` |`);
    for (const row of page.split('\n').filter((line) => line.startsWith('|'))) {
      expect(row.endsWith('|')).toBe(true);
    }
  });
});

const TABLE = /(?<=<!-- messages -->\n\n)[\s\S]*?(?=\n<!-- end of messages -->)/;

describe('the table of messages', () => {
  test.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))(
    'is current in the page of %s',
    (name, protocol) => {
      const path = `docs/protocols/${name}.md`;
      const page = readFileSync(path, 'utf8');
      expect(page).toMatch(TABLE);
      const current = page.replace(TABLE, () => renderMessages(protocol));
      if (process.env.UPDATE_DOCS === '1') writeFileSync(path, current);
      expect(readFileSync(path, 'utf8')).toBe(current);
    },
  );

  test('has a row for each message, with the fields that it takes and gives', () => {
    const messages = defineMessages({
      read: {
        from: 'client',
        to: 'server',
        about: 'Reads `a|b`.',
        params: v.strictObject({ key: v.string(), clock: v.number() }),
        result: v.strictObject({ value: v.nullable(v.string()) }),
      },
      reach: {
        from: 'service',
        to: 'server',
        about: 'Are you there?',
        params: v.strictObject({}),
        result: v.strictObject({}),
      },
    });
    expect(renderMessages({ ...plain, messages }).split('\n')).toEqual([
      '| method | from | to | takes | gives |  |',
      '| --- | --- | --- | --- | --- | --- |',
      '| `read` | client | server | `key`, `clock` | `value` | Reads `a\\|b`. |',
      '| `reach` | service | server |  |  | Are you there? |',
      '',
    ]);
  });
});
