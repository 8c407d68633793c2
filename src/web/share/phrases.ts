// What scripts repeat, each as one character, so that links are short: deflate learns a text's own
// repetitions only. The list is part of the links' format: a link of version 1 needs these phrases
// in this order for ever.
const PHRASES = [
  'joinServer ',
  'joinClient ',
  'killServer ',
  'printStore ',
  'stabilize\n',
  'breakConnection ',
  'createConnection ',
  'protocol ',
  'partition ',
  'concurrently\n',
  'inspect ',
  'check',
  'put ',
  'get ',
  'causal',
  'quorum',
  'chain',
  'sharded',
  'storage=log',
  'server ',
  'client ',
  'sleep ',
  'write',
  'The ',
  'the ',
  ' and ',
];

/** Before a character that is itself, and no phrase. */
const ESCAPE = '\u001b';
/** Control characters except the tab, the line's ends and the escape: no script needs them. */
const CODES = [...Array(32).keys()]
  .filter((code) => code > 0 && ![0x09, 0x0a, 0x0d, 0x1b].includes(code))
  .map((code) => String.fromCharCode(code))
  .slice(0, PHRASES.length);

const CODE_BY_PHRASE = new Map(PHRASES.map((phrase, at) => [phrase, CODES[at] ?? phrase]));
const PHRASE_BY_CODE = new Map(PHRASES.map((phrase, at) => [CODES[at] ?? phrase, phrase]));

const SPECIAL = `[${CODES.join('')}${ESCAPE}]`;
const TO_CODES = new RegExp(`${PHRASES.join('|')}|${SPECIAL}`, 'g');
const TO_PHRASES = new RegExp(`${ESCAPE}[^]|${SPECIAL}`, 'g');

export function shortenPhrases(text: string): string {
  return text.replace(TO_CODES, (found) => CODE_BY_PHRASE.get(found) ?? ESCAPE + found);
}

export function restorePhrases(text: string): string {
  return text.replace(TO_PHRASES, (found) =>
    found.length === 2 ? found.slice(1) : (PHRASE_BY_CODE.get(found) ?? found),
  );
}
