// A run's source as the fragment of a link: `1.` and, as base64url, the deflated text of one line
// of JSON (protocol, seed, faults) and the script. The fragment never leaves the browser.
import { MOST_SEED } from '../../kernel/seed.ts';
import { parseFaults } from '../../sim/faultText.ts';
import type { RunSource } from '../view.ts';
import { restorePhrases, shortenPhrases } from './phrases.ts';

/** More than browsers, mail and chat programs carry well. */
export const LINK_CHARACTERS = 64_000;
/** A link may claim to hold much more than it seems to: reading stops here. */
export const SCRIPT_BYTES = 4 * 1024 * 1024;

const VERSION = '1';
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const PROTOCOL = /^[a-z][a-z0-9-]{0,31}$/;

/** A link that cannot be made or read; the message says why, as a sentence. */
export class LinkError extends Error {}

/** Without the `#`. Throws a LinkError for a source that is too long. */
export async function encodeLink(source: RunSource): Promise<string> {
  const { protocol, seed, faults, script } = source;
  const text = shortenPhrases(`${JSON.stringify([protocol, seed, faults])}\n${script}`);
  const bytes = await pass(new TextEncoder().encode(text), new CompressionStream('deflate-raw'));
  const fragment = `${VERSION}.${toBase64Url(bytes)}`;
  if (fragment.length <= LINK_CHARACTERS) return fragment;
  throw new LinkError(
    `The script is too long for a link: it takes ${fragment.length} characters, ` +
      `${LINK_CHARACTERS} are the most.`,
  );
}

/** Without the `#`. Throws a LinkError. */
export async function decodeLink(fragment: string): Promise<RunSource> {
  if (fragment.length > LINK_CHARACTERS) throw new LinkError('The link is too long.');
  const dot = fragment.indexOf('.');
  const version = fragment.slice(0, Math.max(dot, 0));
  const body = fragment.slice(dot + 1);
  if (!BASE64URL.test(body) || !/^[0-9]{1,3}$/.test(version)) {
    throw new LinkError('The link is none of this page, or it was cut.');
  }
  if (version !== VERSION) {
    throw new LinkError(`The link has version ${version}, this page reads version ${VERSION}.`);
  }
  return readSource(restorePhrases(await inflate(body)));
}

async function inflate(body: string): Promise<string> {
  try {
    const bytes = await pass(fromBase64Url(body), new DecompressionStream('deflate-raw'));
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof LinkError) throw error;
    throw new LinkError('The link is damaged: its text cannot be read.');
  }
}

function readSource(text: string): RunSource {
  const end = text.indexOf('\n');
  const [protocol, seed, faults, ...more] = readHead(text.slice(0, Math.max(end, 0)));
  if (typeof protocol !== 'string' || !PROTOCOL.test(protocol) || more.length > 0) {
    throw new LinkError('The link names no protocol.');
  }
  if (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0 || seed > MOST_SEED) {
    throw new LinkError(`The link's seed is no whole number from 0 to ${MOST_SEED}.`);
  }
  if (typeof faults !== 'string') throw new LinkError('The faults of the link are no text.');
  const wrong = explainFaults(faults);
  if (wrong !== undefined) throw new LinkError(`The faults of the link are wrong: ${wrong}`);
  return { protocol, seed, faults, script: toScript(text.slice(end + 1)) };
}

function readHead(line: string): readonly unknown[] {
  try {
    const head: unknown = JSON.parse(line);
    return Array.isArray(head) ? head : [];
  } catch {
    return [];
  }
}

/** Why a fault plan cannot be read; undefined if it can. Empty text is no faults. */
export function explainFaults(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    parseFaults(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The text with its lines ended by `\n`, as an editor keeps it. */
export function toScript(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** Throws a LinkError if too much comes out. */
async function pass(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = stream.writable.getWriter();
  // A damaged text fails on both sides: the reader's failure is the one that is told.
  writer.write(bytes).catch(() => undefined);
  writer.close().catch(() => undefined);
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = stream.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > SCRIPT_BYTES) throw new LinkError('The link holds more than a script may have.');
    parts.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
