// The page as a document: with its style and its program in it, or beside it.
import { createHash } from 'node:crypto';

/** The two texts that the build has made. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
}

export interface PageDocument extends PageParts {
  readonly title: string;
  /** What the page shows, as JSON; absent for a playground. */
  readonly data?: string;
}

/** One file that needs no other. */
export function toSingleFile({ title, script, style, data }: PageDocument): string {
  const own = withoutEnd(script);
  const policy = policyOf(hashOf(own));
  return toDocument({
    title,
    policy,
    head: `<style>${style}</style>`,
    tail: `${dataElement(data)}<script>${own}</script>`,
  });
}

/** A document beside `page.js` and `page.css`. It works from a folder, without a server. */
export function toIndexFile({ title }: Pick<PageDocument, 'title'>): string {
  return toDocument({
    title,
    policy: policyOf("'self' file:"),
    head: '<link rel="stylesheet" href="page.css">',
    tail: '<script src="page.js"></script>',
  });
}

/**
 * JSON as the text of a script element: no text in it can end the element, or begin a comment.
 */
export function escapeJson(json: string): string {
  return json
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

interface Frame {
  readonly title: string;
  readonly policy: string;
  readonly head: string;
  readonly tail: string;
}

function toDocument({ title, policy, head, tail }: Frame): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeText(title)}</title>
<link rel="icon" href="data:,">
${head}
<body>
<div id="page"></div>
<noscript>This page runs a program: it needs JavaScript.</noscript>
${tail}
</body>
</html>
`;
}

/** Nothing but the page's own program and style; its worker is a Blob; no other host. */
function policyOf(scripts: string): string {
  return [
    "default-src 'none'",
    `script-src ${scripts}`,
    'worker-src blob:',
    // The editor makes style elements.
    "style-src 'self' file: 'unsafe-inline'",
    'img-src data: blob:',
    "connect-src 'self'",
  ].join('; ');
}

function dataElement(data: string | undefined): string {
  if (data === undefined) return '';
  return `<script type="application/json" id="data">${escapeJson(data)}</script>\n`;
}

/** In a program `</script` and `<!--` can only stand in texts and patterns. */
function withoutEnd(script: string): string {
  return script.replaceAll(/<\/(?=script)/gi, '<\\/').replaceAll('<!--', '<\\!--');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
