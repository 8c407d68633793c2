// Errors of opening and writing a log. A caller that gets one starts no server on that log.
import type { DiskError } from './disk.ts';

export const LOG_ERRORS = {
  E_LOG_MISSING: 'one of the two files of a server is gone, the other is there',
  E_LOG_CORRUPT: 'damage before the end of a file, or a record that makes no sense',
  E_LOG_FOREIGN:
    "another server's, another folder's or another protocol's, or of a later life; or a folder " +
    'that is neither empty nor one with logs',
  E_LOG_VERSION: 'written by another version of this program',
  E_LOG_NOT_FILE: 'a folder, a link, a pipe or a device in the place of a file or folder',
  E_LOG_LOCKED: 'another process uses the folder',
  E_IO: 'the disk does not do as it is told',
} as const;

export type LogErrorCode = keyof typeof LOG_ERRORS;

export class LogError extends Error {
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string) {
    super(message);
    this.name = 'LogError';
    this.code = code;
  }
}

/** Converts an error of the disk to an error of the log. */
export function toLogError({ code, message, isFull }: DiskError): LogError {
  if (isFull) return new LogError('E_IO', `the disk is full: ${message}`);
  return new LogError(code === 'NOT_FILE' ? 'E_LOG_NOT_FILE' : 'E_IO', message);
}
