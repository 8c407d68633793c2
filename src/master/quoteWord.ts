/** Quotes a word so that a POSIX shell reads it unchanged as one word. */
export function quoteWord(word: string): string {
  return /^[\w./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
