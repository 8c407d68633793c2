// The types of store.js.

export interface StoreOptions {
  readonly isLast?: (a: { readonly server: number }, b: { readonly server: number }) => boolean;
  readonly gossip?: 'never' | 'eager' | 'chance';
  readonly random?: () => number;
  readonly lacking?: 'ERR_DEP' | 'ERR_KEY';
  readonly isWholeSession?: boolean;
  readonly isReversed?: boolean;
}

export class Store {
  constructor(options?: StoreOptions, mistake?: string);
  do(line: string): string[];
}
