// A page of measurements: the figures of an evaluation. It has no program.
import type { Section } from '../../evaluate/evaluation.ts';
import { compareFigures } from './compareFigures.ts';
import { type Element, element, toMarkup } from './element.ts';
import { type Figure, toFigure, toTable } from './figure.ts';
import { failuresFigures, stalenessFigures, timesFigures } from './quorumFigures.ts';
import { groupsFigures, partsFigures, tellParts } from './shardedFigures.ts';

export interface Evaluated {
  /** The protocol, or that several are compared. */
  readonly title: string;
  /** Where and how much was measured, a few words each. */
  readonly facts: readonly string[];
  readonly sections: readonly Section[];
}

/** One file that needs no other. `style` is what the build has made of measurements.css. */
export function toMeasurements({ title, facts, sections }: Evaluated, style: string): string {
  const head = [
    element('meta', { charset: 'utf-8' }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'",
    }),
    element('title', {}, title),
  ];
  const body = element(
    'main',
    { class: 'measured' },
    element(
      'header',
      {},
      element('h1', {}, title),
      element('p', { class: 'measured-facts' }, facts.join(' · ')),
    ),
    ...sections.map(toSection),
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    ...head.map(toMarkup),
    `<style>${style}</style>`,
    toMarkup(body),
    '</html>',
    '',
  ].join('\n');
}

function toSection(section: Section): Element {
  const { kind, table, wrong } = section;
  const [name = '', ...words] = table.title.split(': ');
  const sentence = words.join(': ');
  return element(
    'section',
    { 'aria-label': kind },
    element('h2', {}, capitalize(name)),
    element('p', { class: 'measured-about' }, `${capitalize(sentence)}.`),
    ...toList(wrong, 'measured-wrong'),
    ...toList(checksOf(section), 'measured-checks'),
    element('div', { class: 'measured-figures' }, ...figuresOf(section).map(toFigure)),
    element(
      'details',
      { class: 'measured-all' },
      element('summary', {}, 'All figures as the program prints them'),
      toTable(table),
    ),
  );
}

function toList(texts: readonly string[], name: string): Element[] {
  if (texts.length === 0) return [];
  return [element('ul', { class: name }, ...texts.map((text) => element('li', {}, text)))];
}

function checksOf(section: Section): string[] {
  return section.kind === 'single' || section.kind === 'shards' ? tellParts(section.rows) : [];
}

function figuresOf(section: Section): Figure[] {
  switch (section.kind) {
    case 'staleness':
      return stalenessFigures(section.rows);
    case 'times':
      return timesFigures(section.rows);
    case 'failures':
      return failuresFigures(section.rows);
    case 'single':
    case 'shards':
      return partsFigures(section.rows);
    case 'groups':
      return groupsFigures(section.rows);
    case 'compare':
      return compareFigures(section.rows);
  }
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
