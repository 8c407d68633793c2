// One kind of call, many times: one after the other, or so many at once.
import { median } from './measure.ts';

/** `count` says the how manieth call it is. */
export type Call = (count: number) => Promise<unknown>;

/** The middle time of calls that follow each other, in milliseconds. */
export async function measureP50(call: Call, calls: number): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < calls; count += 1) {
    const begun = performance.now();
    await call(count);
    times.push(performance.now() - begun);
  }
  return median(times);
}

/** Calls a second, with `inFlight` of them always under way. */
export async function measureRate(call: Call, calls: number, inFlight: number): Promise<number> {
  let count = 0;
  const begun = performance.now();
  const lane = async (): Promise<void> => {
    while (count < calls) {
      count += 1;
      await call(count);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return calls / ((performance.now() - begun) / 1_000);
}
