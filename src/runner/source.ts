// What a run in simulation is made from, as data.

/** What a run is made from. The same source gives the same run, to the last byte. */
export interface RunSource {
  /** The script's text, lines ended by `\n`. */
  readonly script: string;
  /** The protocol of a script that names none. */
  readonly protocol: string;
  readonly seed: number;
  /** As `--faults` takes it; empty for none. */
  readonly faults: string;
}
