// The disk as the log sees it: one folder of plain files. The real world implements it over the
// machine's file system, the simulation over a disk that forgets what was not synced.

/** The system's own word for what went wrong (`ENOSPC`), or NOT_FILE for what is no plain file. */
export class DiskError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'DiskError';
    this.code = code;
  }

  /** No room: what was to be written is not there, or not whole; what was there before is. */
  get isFull(): boolean {
    return FULL.has(this.code);
  }
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Every operation rejects with a DiskError. Names are of files in this folder, never paths. */
export interface Disk {
  /** The folder as people know it, for messages. */
  readonly path: string;
  list(): Promise<string[]>;
  /** Opens a file that is there. Follows no link, and waits for nobody, as at a pipe. */
  open(name: string): Promise<DiskFile>;
  /** Makes a file that was not there. */
  create(name: string): Promise<DiskFile>;
  /** Replaces what had the new name, at once: nobody ever finds neither. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Makes what was created, renamed and removed so far durable: the names, not the contents. */
  syncFolder(): Promise<void>;
}

export interface DiskFile {
  /** How many bytes it has now. */
  readonly size: number;
  /** Gives `length` bytes, fewer only at the file's end. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Writes all of it. After a failure the file may have got a part. */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Makes everything written so far durable. After a failure nobody knows what is. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}
