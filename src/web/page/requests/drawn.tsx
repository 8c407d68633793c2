// Draws elements of plots in the page.
import { type ComponentChild, h } from 'preact';
import type { Element } from '../../plots/element.ts';

export function toNode(node: Element | string): ComponentChild {
  if (typeof node === 'string') return node;
  return h(node.tag, node.attributes, ...node.children.map(toNode));
}
