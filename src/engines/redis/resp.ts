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
/** Redis's own limit on a text. */
const TEXT_BYTES = 512 * 1024 * 1024;
/** No line of a reply is longer, also not that of an error. */
const LINE_BYTES = 64 * 1024;

interface OpenArray {
  readonly length: number;
  readonly items: Reply[];
}

/** Reads replies from a stream of bytes, however it is cut into chunks: each byte once. */
export class ReplyReader {
  #parts: Buffer[] = [];
  #length = 0;
  /** The bytes of the text under way; undefined if a line is next. */
  #text: number | undefined;
  /** The arrays under way, each an item of the one before. */
  readonly #arrays: OpenArray[] = [];

  /** The replies that end in this chunk. Throws an Error for bytes that are no reply. */
  take(chunk: Buffer): Reply[] {
    this.#parts.push(chunk);
    this.#length += chunk.length;
    const replies: Reply[] = [];
    for (let item = this.#next(); item !== undefined; item = this.#next()) {
      const reply = this.#placed(item.value);
      if (reply !== undefined) replies.push(reply);
    }
    return replies;
  }

  /** The next value that is no array under way; undefined if its bytes are not all there. */
  #next(): { value: Reply } | undefined {
    for (;;) {
      if (this.#text !== undefined) {
        const bytes = this.#cut(this.#text);
        if (bytes === undefined) return undefined;
        this.#text = undefined;
        return { value: bytes.toString() };
      }
      const line = this.#line();
      if (line === undefined) return undefined;
      const value = this.#begin(line.charAt(0), line.slice(1));
      if (value !== undefined) return { value };
    }
  }

  /** The value of a line; undefined if it begins a text or an array. */
  #begin(kind: string, text: string): Reply | undefined {
    switch (kind) {
      case '+':
        return text;
      case '-':
        return new RespError(text);
      case ':':
        return Number(text);
      case '$':
        this.#text = lengthOf(text);
        if (this.#text >= 0) return undefined;
        this.#text = undefined;
        return null;
      case '*': {
        const length = lengthOf(text);
        if (length <= 0) return length < 0 ? null : [];
        this.#arrays.push({ length, items: [] });
        return undefined;
      }
      default:
        throw new Error(`a reply that begins with ${JSON.stringify(kind)}`);
    }
  }

  /** The whole reply, if it ends with this value. */
  #placed(value: Reply): Reply | undefined {
    let placed = value;
    for (let open = this.#arrays.at(-1); open !== undefined; open = this.#arrays.at(-1)) {
      open.items.push(placed);
      if (open.items.length < open.length) return undefined;
      this.#arrays.pop();
      placed = open.items;
    }
    return placed;
  }

  /** The next line, without its end. */
  #line(): string | undefined {
    const bytes = this.#joined();
    const end = bytes.indexOf(END);
    if (end > LINE_BYTES || (end < 0 && bytes.length > LINE_BYTES)) {
      throw new Error(`a line of more than ${LINE_BYTES} bytes`);
    }
    return end < 0 ? undefined : this.#cut(end)?.toString();
  }

  /** The next bytes, which an end of a line follows; undefined if they are not all there. */
  #cut(length: number): Buffer | undefined {
    const whole = length + END.length;
    if (this.#length < whole) return undefined;
    const bytes = this.#joined();
    this.#parts = [bytes.subarray(whole)];
    this.#length -= whole;
    return bytes.subarray(0, length);
  }

  #joined(): Buffer {
    const [first = Buffer.alloc(0), ...others] = this.#parts;
    const bytes = others.length === 0 ? first : Buffer.concat(this.#parts);
    this.#parts = [bytes];
    return bytes;
  }
}

function lengthOf(text: string): number {
  const length = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (length <= TEXT_BYTES) return length;
  throw new Error(`a length that is none: ${JSON.stringify(text)}`);
}
