// Redis's protocol, version 2: requests are arrays of texts, replies are texts, numbers, nothing,
// errors and arrays (redis.io/docs/reference/protocol-spec). Synchronous.

/** An error that the server answers with, such as `READONLY You can't write ...`. */
export class RespError {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Reply = string | number | null | RespError | readonly Reply[];

export function encodeRequest(words: readonly (string | number)[]): Buffer {
  const parts = words.map((word) => Buffer.from(String(word)));
  const framed = parts.flatMap((part) => [Buffer.from(`$${part.length}\r\n`), part, END]);
  return Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...framed]);
}

const END = Buffer.from('\r\n');
/** A reply that cannot be read whole yet. */
const OPEN = Symbol('open');

/** Reads replies from a stream of bytes, however it is cut into chunks. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** The replies that end in this chunk. Throws an Error for bytes that are no reply. */
  take(chunk: Buffer): Reply[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const replies: Reply[] = [];
    for (let from = 0; ; from = this.#at) {
      this.#at = from;
      const reply = this.#read();
      if (reply === OPEN) {
        this.#bytes = this.#bytes.subarray(from);
        return replies;
      }
      replies.push(reply);
    }
  }

  #read(): Reply | typeof OPEN {
    const end = this.#bytes.indexOf(END, this.#at);
    if (end < 0) return OPEN;
    const kind = String.fromCharCode(this.#bytes[this.#at] ?? 0);
    const text = this.#bytes.toString('utf8', this.#at + 1, end);
    this.#at = end + END.length;
    switch (kind) {
      case '+':
        return text;
      case '-':
        return new RespError(text);
      case ':':
        return Number(text);
      case '$':
        return this.#readText(Number(text));
      case '*':
        return this.#readArray(Number(text));
      default:
        throw new Error(`a reply that begins with ${JSON.stringify(kind)}`);
    }
  }

  #readText(length: number): string | null | typeof OPEN {
    if (length < 0) return null;
    const end = this.#at + length;
    if (this.#bytes.length < end + END.length) return OPEN;
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + END.length;
    return text;
  }

  #readArray(length: number): Reply | typeof OPEN {
    if (length < 0) return null;
    const items: Reply[] = [];
    while (items.length < length) {
      const item = this.#read();
      if (item === OPEN) return OPEN;
      items.push(item);
    }
    return items;
  }
}
