// The interface through which the log uses the disk: one folder of plain files. The real world
// implements it with the machine's file system, the simulation with a disk that loses unsynced data
// in a crash.

/** Has the code of the system (`ENOSPC`), or NOT_FILE for something that is not a plain file. */
export class DiskError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'DiskError';
    this.code = code;
  }

  /** No space left: the new data is missing or incomplete; the earlier data is unchanged. */
  get isFull(): boolean {
    return FULL.has(this.code);
  }
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Every operation rejects with a DiskError. A name is that of a file in this folder, never a path.
 */
export interface Disk {
  /** The path of the folder, for messages. */
  readonly path: string;
  list(): Promise<string[]>;
  /** Opens an existing file. Does not follow links, and never blocks, for example on a pipe. */
  open(name: string): Promise<DiskFile>;
  /** Creates a file that must not exist. */
  create(name: string): Promise<DiskFile>;
  /** Replaces the file `to` atomically: at every moment the old or the new one exists. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Makes earlier creates, renames and removes durable: the names, not the contents. */
  syncFolder(): Promise<void>;
}

export interface DiskFile {
  /** The current size in bytes. */
  readonly size: number;
  /** Returns `length` bytes; fewer only at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Writes all bytes. After a failure the file may have some of them. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Makes all earlier writes durable. After a failure it is unknown which of them are. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}
