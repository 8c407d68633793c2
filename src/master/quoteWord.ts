/** As a POSIX shell takes it for one word that means itself. */
export function quoteWord(word: string): string {
  return /^[\w./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
