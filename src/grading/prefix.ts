// Looks for the smallest beginning of a script that still fails, by running it again.

export interface PrefixSearch {
  /** How many commands the script has. */
  readonly commands: number;
  /** A guess: the number of commands up to the answer that failed. */
  readonly guess: number;
  /** Runs the first commands; true if that fails. Undefined when the time is up. */
  fails(commands: number): Promise<boolean | undefined>;
}

export interface FoundPrefix {
  readonly commands: number;
  /** Whether each run that had to fail did. */
  readonly isCertain: boolean;
}

/** How often a script runs again at most. */
const MOST_RUNS = 8;

/**
 * Undefined if the whole script does not fail again, as the fault comes and goes, or if the time is
 * up before a smaller one is found. The result is the smallest one unless the time is up. Takes for
 * granted that a longer beginning fails if a shorter one does.
 */
export async function findPrefix(search: PrefixSearch): Promise<FoundPrefix | undefined> {
  const { commands, guess } = search;
  let left = MOST_RUNS;
  const fails = async (count: number): Promise<boolean | undefined> => {
    left -= 1;
    return left < 0 ? undefined : search.fails(count);
  };
  let most = commands;
  let isCertain = true;
  const first = await fails(guess);
  if (first === undefined) return undefined;
  if (first) most = guess;
  else if (guess < commands) isCertain = false;
  if (!first && (guess === commands || (await fails(commands)) !== true)) return undefined;
  let least = first ? 0 : guess;
  while (least + 1 < most) {
    const middle = Math.floor((least + most) / 2);
    const isFailing = await fails(middle);
    if (isFailing === undefined) break;
    if (isFailing) most = middle;
    else least = middle;
  }
  const isFound = most < commands || least + 1 === most;
  return isFound ? { commands: most, isCertain } : undefined;
}
