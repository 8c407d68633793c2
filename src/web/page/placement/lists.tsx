// The parts of a placement that are lists: chains, groups, hints, suspicions.
import { escapeUnseen } from '../../cursor/escape.ts';
import type { HeldHint, ShownChain, ShownGroup, ShownPlacement } from '../../cursor/placement.ts';
import { formatVersion } from '../../cursor/storeTable.ts';
import { Scroller } from '../stores/scroller.tsx';

interface ChainsProps {
  readonly chains: readonly ShownChain[];
  /** The servers of the chosen key. */
  readonly preference: readonly number[];
}

export function Chains({ chains, preference }: ChainsProps) {
  if (chains.length === 0) return null;
  const chosen = preference.join(' ');
  return (
    <div class="placement-part">
      <h3>Chains, by arc</h3>
      <ul class="placement-chains">
        {chains.map(({ arc, members, joiner }) => (
          <li key={arc} class={members.join(' ') === chosen ? 'placement-chosen-row' : undefined}>
            <span class="placement-arc-of">arc of {arc}</span>
            {members.map((id, place) => (
              <span key={id} class="placement-member">
                {place > 0 && <span aria-hidden="true">{'\u2192'}</span>}
                <b>{id}</b>
                <small>{roleAt(place, members.length)}</small>
              </span>
            ))}
            {joiner !== null && (
              <span class="placement-member">
                <span aria-hidden="true">{'\u21e2'}</span>
                <b>{joiner}</b>
                <small>joiner</small>
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function roleAt(place: number, count: number): string {
  if (count === 1) return 'head and tail';
  if (place === 0) return 'head';
  return place === count - 1 ? 'tail' : 'middle';
}

interface GroupsProps {
  readonly groups: readonly ShownGroup[];
  readonly isMoving: boolean;
}

export function Groups({ groups, isMoving }: GroupsProps) {
  if (groups.length === 0) return null;
  return (
    <div class="placement-part">
      <h3>Groups {isMoving && <span class="placement-moving">shards are moving</span>}</h3>
      <table class="placement-table">
        <thead>
          <tr>
            <th scope="col">group</th>
            <th scope="col">primary</th>
            <th scope="col">secondaries</th>
            <th scope="col">shards</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ group, primary, secondaries, shards }) => (
            <tr key={group}>
              <th scope="row">{group}</th>
              <td>{primary ?? 'none'}</td>
              <td>{secondaries.length === 0 ? '\u2013' : secondaries.join(', ')}</td>
              <td>{shards ?? '\u2013'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** More are counted only. */
const SHOWN_HINTS = 200;

export function Hints({ hints }: { readonly hints: readonly HeldHint[] }) {
  if (hints.length === 0) return null;
  return (
    <div class="placement-part">
      <h3>Hints</h3>
      <Scroller label="Hints">
        <table class="placement-table">
          <thead>
            <tr>
              <th scope="col">kept by</th>
              <th scope="col">for</th>
              <th scope="col">key</th>
              <th scope="col">value</th>
              <th scope="col">version</th>
            </tr>
          </thead>
          <tbody>
            {hints.slice(0, SHOWN_HINTS).map((hint) => (
              <Hint key={`${hint.holder} ${hint.owner} ${hint.key} ${hint.version}`} hint={hint} />
            ))}
          </tbody>
        </table>
      </Scroller>
      {hints.length > SHOWN_HINTS && <p>and {hints.length - SHOWN_HINTS} more</p>}
    </div>
  );
}

function Hint({ hint: { holder, owner, key, value, version } }: { readonly hint: HeldHint }) {
  return (
    <tr>
      <td>{holder}</td>
      <td>{owner}</td>
      <td class="placement-text">
        <bdi>{escapeUnseen(key)}</bdi>
      </td>
      <td class="placement-text">
        {value === null ? <em>deleted</em> : <bdi>{escapeUnseen(value)}</bdi>}
      </td>
      <td class="placement-version">{formatVersion(version)}</td>
    </tr>
  );
}

export function Suspicions({ suspicions }: Pick<ShownPlacement, 'suspicions'>) {
  if (suspicions.length === 0) return null;
  return (
    <div class="placement-part">
      <h3>Believed to be dead</h3>
      <ul class="placement-suspicions">
        {suspicions.map(({ by, suspected }) => (
          <li key={by}>
            <b>{by}</b> suspects {suspected.join(', ')}
          </li>
        ))}
      </ul>
    </div>
  );
}
