// A hash by which two traces are compared. Not used for security.

const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;
/** Another start value for the second lane, so that both lanes together have 64 bits. */
const OTHER_OFFSET = 0x9e3779b9;

/** Two lanes of FNV-1a (Fowler, Noll, Vo) over UTF-16 code units. */
export class TextHash {
  #one = OFFSET;
  #other = OTHER_OFFSET;

  update(text: string): void {
    let [one, other] = [this.#one, this.#other];
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      one = Math.imul(one ^ unit, PRIME);
      other = Math.imul(other ^ (unit + index), PRIME);
    }
    this.#one = one;
    this.#other = other;
  }

  /** The hash as 16 hexadecimal digits. */
  digest(): string {
    return [this.#one, this.#other].map((lane) => hexOf(lane >>> 0)).join('');
  }
}

function hexOf(lane: number): string {
  return lane.toString(16).padStart(8, '0');
}
