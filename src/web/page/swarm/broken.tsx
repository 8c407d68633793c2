// The seeds that broke, with what can be done with each.
import { showText } from '../../picture/text.ts';
import type { BrokenSeed } from '../../run/seedPlan.ts';
import type { SeedSearch } from './search.ts';

/** A page of so many rows stays quick. */
const MOST_ROWS = 500;

interface BrokenProps {
  readonly search: SeedSearch;
  readonly onOpen: (broken: BrokenSeed) => void;
  readonly onShrink: (broken: BrokenSeed) => void;
}

export function Broken({ search, onOpen, onShrink }: BrokenProps) {
  const broken = search.broken.value;
  if (search.plan.value === undefined) return <Introduction />;
  if (broken.length === 0) return search.doing.value === 'nothing' ? <Nothing /> : null;
  const isBusy = search.doing.value !== 'nothing';
  return (
    <div class="swarm-rows">
      <table>
        <thead>
          <tr>
            <th scope="col">Seed</th>
            <th scope="col">Lines</th>
            <th scope="col">What broke</th>
          </tr>
        </thead>
        <tbody>
          {broken.slice(0, MOST_ROWS).map((row) => (
            <tr key={row.seed}>
              <th scope="row">{row.seed}</th>
              <td>{row.length}</td>
              <td>
                <div class="swarm-broken">
                  <span class="swarm-sentence">{showText(row.sentence)}</span>
                  <span class="swarm-actions">
                    <button
                      type="button"
                      class="shell-button"
                      aria-label={`Open the script of seed ${row.seed}`}
                      onClick={() => onOpen(row)}
                    >
                      Open
                    </button>
                    <button
                      type="button"
                      class="shell-button"
                      aria-label={`Shrink the script of seed ${row.seed}`}
                      disabled={isBusy}
                      onClick={() => onShrink(row)}
                    >
                      Shrink
                    </button>
                  </span>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {broken.length > MOST_ROWS && (
        <p>
          {broken.length - MOST_ROWS} more broke; the first {MOST_ROWS} are shown.
        </p>
      )}
    </div>
  );
}

function Introduction() {
  return (
    <p class="swarm-text">
      Each seed gives a script, faults and a run. Judged by what the protocol guarantees, a broken
      seed is a bug; judged by a stronger level, it is an example of what the protocol does not
      guarantee. Shrinking removes lines, words and faults as long as the script breaks in the same
      way.
    </p>
  );
}

function Nothing() {
  return (
    <p class="swarm-text">
      No seed broke. A stronger level, more seeds, or other options of the protocol may show more.
    </p>
  );
}
