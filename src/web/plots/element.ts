// Elements of SVG and HTML as data. A page draws them, and a report writes them as markup; texts of
// users are children or attributes, and never markup.

export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (Element | string)[];
}

export function element(
  tag: string,
  attributes: Element['attributes'] = {},
  ...children: readonly (Element | string)[]
): Element {
  return { tag, attributes, children };
}

/** Elements of HTML without an end tag. */
const VOID = new Set(['meta', 'br', 'link']);

export function toMarkup(node: Element | string): string {
  if (typeof node === 'string') return escapeText(node);
  const { tag, attributes, children } = node;
  const words = Object.entries(attributes).map(
    ([name, value]) => ` ${name}="${escapeText(value)}"`,
  );
  const start = `<${tag}${words.join('')}>`;
  return VOID.has(tag) ? start : `${start}${children.map(toMarkup).join('')}</${tag}>`;
}

function escapeText(value: string | number): string {
  return String(value)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
