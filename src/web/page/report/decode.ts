// The run in a report's page, as `encodeRun` wrote it.
import { readRun } from '../../file/readRun.ts';
import type { RunView } from '../../view.ts';

/** Rejects with an Error whose message a reader of the page understands. */
export async function decodeRun(base64: string): Promise<RunView> {
  return readRun(await inflate(toBytes(base64)));
}

function toBytes(base64: string): Uint8Array<ArrayBuffer> {
  try {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
    return bytes;
  } catch {
    throw new Error('The run in this page is damaged: it is no base64.');
  }
}

async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
    return await new Response(stream).text();
  } catch {
    throw new Error('The run in this page is damaged: it cannot be inflated.');
  }
}
