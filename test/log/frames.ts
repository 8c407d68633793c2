// Splits a log's bytes into frames, and says which frame may follow which.
import { FORMAT_LINE } from '../../src/log/frame.ts';
import { readFrames } from '../../src/log/reading.ts';
import { fileOf } from './folder.ts';

/** The bytes of each whole frame. */
export async function framesOf(log: Buffer): Promise<Buffer[]> {
  const offsets: number[] = [];
  const found = readFrames(fileOf(log), 'a copy');
  for (;;) {
    const { done, value } = await found.next();
    offsets.push(done ? value.end : value.offset);
    if (done) break;
  }
  return offsets.slice(1).map((end, index) => log.subarray(offsets[index], end));
}

export function toLog(frames: readonly Buffer[]): Buffer {
  return Buffer.concat([FORMAT_LINE, ...frames]);
}

/** Knows some logs, and by them whether a frame follows on another one. */
export class Neighbours {
  readonly #pairs = new Set<string>();

  constructor(...logs: readonly (readonly Buffer[])[]) {
    for (const frames of logs) {
      for (const [index, frame] of frames.entries()) {
        this.#pairs.add(nameOf(frames[index - 1], frame));
      }
    }
  }

  /** Where the first frame begins that does not follow on the one before it; or undefined. */
  findMisplaced(frames: readonly Buffer[]): number | undefined {
    let offset = FORMAT_LINE.length;
    for (const [index, frame] of frames.entries()) {
      if (!this.#pairs.has(nameOf(frames[index - 1], frame))) return offset;
      offset += frame.length;
    }
    return undefined;
  }
}

function nameOf(before: Buffer | undefined, frame: Buffer): string {
  return `${before?.toString('latin1') ?? ''} then ${frame.toString('latin1')}`;
}
