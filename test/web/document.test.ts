// The page as a document: no data and no program can end its element, and it needs no other file.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { escapeJson, toIndexFile, toSingleFile } from '../../src/web/file/document.ts';

const NASTY = '</script><script>alert(1)</script><!-- <!--<script> ]]> \u2028 \u2029 </ScRiPt >';
const page = { title: 'T', style: '.a{color:red}', script: 'start()' };

/** The contents of the elements as a browser finds them: each ends at the first end tag. */
function scriptsOf(html: string): { attributes: string; text: string }[] {
  return Array.from(html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script[\s>]/gi), (match) => ({
    attributes: match[1] ?? '',
    text: match[2] ?? '',
  }));
}

function policyOf(html: string): string {
  return /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
}

describe('data in the page', () => {
  test('comes back as it was, and ends no element', () => {
    const data = JSON.stringify({ value: NASTY });
    const html = toSingleFile({ ...page, data });
    const scripts = scriptsOf(html);
    expect(scripts.map(({ attributes }) => attributes)).toEqual([
      ' type="application/json" id="data"',
      '',
    ]);
    expect(JSON.parse(scripts[0]?.text ?? '')).toEqual({ value: NASTY });
    expect(html).not.toContain('<!--');
  });

  test('is escaped so that it is JSON, and a program could hold it too', () => {
    const escaped = escapeJson(JSON.stringify(NASTY));
    expect(escaped).not.toMatch(/[<\u2028\u2029]/);
    expect(JSON.parse(escaped)).toBe(NASTY);
  });
});

describe('the program in the page', () => {
  const script = `const text = ${JSON.stringify(NASTY)}; globalThis.found = text;`;
  const html = toSingleFile({ ...page, script });

  test('ends no element, and means the same', () => {
    const [own, ...others] = scriptsOf(html);
    expect(others).toEqual([]);
    const literal = /= (".*?(?<!\\)");/s.exec(own?.text ?? '')?.[1] ?? '';
    // In a text of a program `\/` and `\!` are `/` and `!`.
    expect(JSON.parse(literal.replaceAll('\\!', '!'))).toBe(NASTY);
  });

  test('is the only one that may run', () => {
    const text = scriptsOf(html)[0]?.text ?? '';
    const hash = createHash('sha256').update(text).digest('base64');
    expect(policyOf(html)).toContain(`script-src 'sha256-${hash}';`);
  });
});

describe('the policy', () => {
  test.each([
    ['of the single file', toSingleFile(page)],
    ['of the folder', toIndexFile(page)],
  ])('%s lets the page reach no other host, and run no text', (_name, html) => {
    const policy = policyOf(html);
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).toContain('worker-src blob:');
    expect(policy).toContain("connect-src 'self'");
    const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '';
    expect(scripts).not.toMatch(/unsafe|\*|https?:|data:|blob:/);
    expect(policy).not.toMatch(/https?:|\*/);
  });

  test('comes before anything that it could allow', () => {
    const html = toSingleFile(page);
    const at = html.indexOf('Content-Security-Policy');
    expect(at).toBeLessThan(html.indexOf('<style>'));
    expect(at).toBeLessThan(html.indexOf('<script'));
  });
});

test('the single file names no other file', () => {
  const html = toSingleFile({ ...page, data: '{}' });
  // Without an icon a browser would ask the server for one.
  const rest = html.replace('<link rel="icon" href="data:,">', '');
  expect(rest).not.toMatch(/\b(?:src|href|action|data|poster|srcset)=/);
  expect(html).not.toMatch(/@import|url\(/);
});

test('a title is text', () => {
  expect(toSingleFile({ ...page, title: '</title><b>&' })).toContain(
    '<title>&lt;/title>&lt;b>&amp;</title>',
  );
});
