// What a page is told by the program that made it; a playground is told nothing.

export type PageData =
  | {
      readonly kind: 'report';
      /** Whether a simulation of the script gives this run again. */
      readonly isRepeatable: boolean;
      /** As `encodeRun` writes it. */
      readonly run: string;
    }
  /** The page of a run that goes on: its stream has all else. */
  | { readonly kind: 'live' };
