// A run whose keys and values try to be more than text: markup, ends of elements and comments,
// directions of writing, characters that are not seen, and great length.

/** If one of these became markup, it would leave this mark in the page. */
export const HOSTILE_MARK = 'hostileMark';

export const HOSTILE_TEXTS = [
  `<img/src=x/onerror=window.${HOSTILE_MARK}=1>`,
  `</script><script>window.${HOSTILE_MARK}=1</script>`,
  '<!--',
  '--></style>',
  '&lt;b&gt;&#60;',
  '"\'`;:#%%',
  'abc\u202edef\u2066ghi',
  'zero\u200bwidth\ufeff',
  '__proto__',
  'constructor',
] as const;

/** The longest key, and a longer value. */
const LONG_KEY = 'x'.repeat(1_024);
const LONG_VALUE = 'y'.repeat(5_000);

/** It breaks linearizability at each key, so that the verdict names some of them. */
export const HOSTILE_SCRIPT = `${[
  'joinServer 0',
  'joinServer 1',
  'joinClient 2 0',
  'joinClient 3 1',
  'breakConnection 0 1',
  ...HOSTILE_TEXTS.flatMap((text) => [`put 2 ${text} ${text}`, `get 3 ${text}`]),
  `put 2 ${LONG_KEY} ${LONG_VALUE}`,
  `get 3 ${LONG_KEY}`,
  'createConnection 0 1',
  'stabilize',
  ...HOSTILE_TEXTS.map((text) => `get 3 ${text}`),
  'printStore 0',
  'check linearizable',
  `unknownCommand ${HOSTILE_TEXTS[0]}`,
].join('\n')}\n`;
