// The operations of clients as statements, each a transaction of its own, and what their rows say.
//
// PostgreSQL gives writes no versions that a client could compare, so the statements count the
// writes beside them, as termVersions.ts says. Both tables are in one schema of the run:
//
//   entries   key, value, and the number, term and server of its write
//   terms     each term with its server, and how many writes were done at its end, or until now
//
// They are replicated with the writes. So a standby that becomes the primary knows which writes of
// the earlier terms it has, and a write that is lost with its primary is in no later store.
//
// A write locks `terms` until its end, and with it the order of all writes: one that is visible has
// all lesser numbers before it. A lock of a table, unlike that of a row, writes nothing: a compare
// that has failed waits for no standby.
import * as v from 'valibot';
import type { Answer } from '../../kernel/control.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { answerOfCas } from '../../replication/compareAndSet.ts';
import type { Entry, Request, Shown } from '../store/store.ts';
import { appliedOf, type TermShown, versionOf } from '../store/termVersions.ts';

export const NOT_POSTGRES = 'it does not answer as PostgreSQL does';

export interface Statement {
  readonly text: string;
  readonly values: readonly string[];
}

type Stamp = readonly [number: number, term: number, server: NodeId];

/** The one column of the one row of each statement. */
export interface Row {
  readonly terms: readonly TermShown[] | null;
  /** Of the write; absent if nothing was written. */
  readonly stamp?: Stamp;
  readonly found?: { readonly value: string; readonly stamp: Stamp } | null;
  readonly entries?: readonly { readonly key: string; readonly value: string; stamp: Stamp }[];
}

const three = v.strictTuple([v.number(), v.number(), v.number()]);
const rowSchema = v.object({
  terms: v.nullable(v.array(three)),
  stamp: v.exactOptional(three),
  found: v.exactOptional(v.nullable(v.object({ value: v.string(), stamp: three }))),
  entries: v.exactOptional(v.array(v.object({ key: v.string(), value: v.string(), stamp: three }))),
});

/** Throws a CallError for rows that no statement has: what answers is not PostgreSQL. */
export function toRow(rows: readonly unknown[]): Row {
  const checked = v.safeParse(v.tuple([v.object({ row: rowSchema })]), rows);
  if (checked.success) return checked.output[0].row;
  throw new CallError('ERR_UNREACHABLE', NOT_POSTGRES);
}

const STAMP = 'json_build_array(number, term, server)';
const FOUND = `json_build_object('value', value, 'stamp', ${STAMP})`;

/**
 * Creates what a run needs, and waits for no standby. `schema` has no special characters. A text of
 * several statements is one transaction: if one of them fails, it is over.
 */
export function createSchema(schema: string): string {
  return `
    SET LOCAL synchronous_commit TO local;
    CREATE SCHEMA ${schema};
    SET LOCAL search_path TO ${schema};
    CREATE TABLE entries (key text PRIMARY KEY, value text NOT NULL,
      number bigint NOT NULL, term bigint NOT NULL, server bigint NOT NULL);
    CREATE TABLE terms (term bigint PRIMARY KEY, server bigint NOT NULL, writes bigint NOT NULL);

    CREATE FUNCTION state() RETURNS json STABLE LANGUAGE sql SET search_path FROM CURRENT AS
      'SELECT json_agg(json_build_array(term, server, writes) ORDER BY term) FROM terms';

    CREATE FUNCTION found(wanted text) RETURNS json STABLE LANGUAGE sql
      SET search_path FROM CURRENT AS
      $$SELECT ${FOUND} FROM entries WHERE key = wanted$$;

    CREATE FUNCTION count_write() RETURNS terms LANGUAGE sql SET search_path FROM CURRENT AS
      'UPDATE terms SET writes = writes + 1 WHERE term = (SELECT max(term) FROM terms)
       RETURNING terms.*';

    CREATE FUNCTION put(wanted text, new text) RETURNS json LANGUAGE plpgsql
      SET search_path FROM CURRENT AS $$
      DECLARE counted terms;
      BEGIN
        LOCK TABLE terms IN SHARE ROW EXCLUSIVE MODE;
        counted := count_write();
        INSERT INTO entries VALUES (wanted, new, counted.writes, counted.term, counted.server)
          ON CONFLICT (key) DO UPDATE SET value = excluded.value, number = excluded.number,
            term = excluded.term, server = excluded.server;
        RETURN json_build_object('terms', state(),
          'stamp', json_build_array(counted.writes, counted.term, counted.server));
      END $$;

    CREATE FUNCTION remove(wanted text) RETURNS json LANGUAGE plpgsql
      SET search_path FROM CURRENT AS $$
      DECLARE counted terms;
      BEGIN
        LOCK TABLE terms IN SHARE ROW EXCLUSIVE MODE;
        IF NOT EXISTS (SELECT FROM entries WHERE key = wanted) THEN
          RETURN json_build_object('terms', state());
        END IF;
        counted := count_write();
        DELETE FROM entries WHERE key = wanted;
        RETURN json_build_object('terms', state(),
          'stamp', json_build_array(counted.writes, counted.term, counted.server));
      END $$;

    CREATE FUNCTION cas(wanted text, expected text, new text) RETURNS json LANGUAGE plpgsql
      SET search_path FROM CURRENT AS $$
      BEGIN
        LOCK TABLE terms IN SHARE ROW EXCLUSIVE MODE;
        IF NOT EXISTS (SELECT FROM entries WHERE key = wanted AND value = expected) THEN
          RETURN json_build_object('terms', state(), 'found', found(wanted));
        END IF;
        RETURN put(wanted, new);
      END $$;`;
}

/** The server is the primary from now on; terms are counted in the run. It waits for no standby. */
export function beginTerm(schema: string, term: number, server: NodeId): string {
  return `
    SET LOCAL synchronous_commit TO local;
    INSERT INTO ${schema}.terms
      SELECT ${term}, ${server}, coalesce(max(writes), 0) FROM ${schema}.terms;`;
}

/** It waits for no standby. */
export function dropSchema(schema: string): string {
  return `
    SET LOCAL synchronous_commit TO local;
    DROP SCHEMA ${schema} CASCADE;`;
}

export function toStatement(schema: string, request: Request): Statement {
  const { key } = request;
  switch (request.kind) {
    case 'get': {
      const row = `json_build_object('terms', ${schema}.state(), 'found', ${schema}.found($1))`;
      return { text: `SELECT ${row} AS row`, values: [key] };
    }
    case 'put':
      return { text: `SELECT ${schema}.put($1, $2) AS row`, values: [key, request.value] };
    case 'delete':
      return { text: `SELECT ${schema}.remove($1) AS row`, values: [key] };
    case 'cas': {
      const values = [key, request.expected, request.value];
      return { text: `SELECT ${schema}.cas($1, $2, $3) AS row`, values };
    }
  }
}

export function showState(schema: string): Statement {
  const row = `json_build_object('terms', ${schema}.state())`;
  return { text: `SELECT ${row} AS row`, values: [] };
}

/** As `showState`, with how far the log is written, or replayed by a standby. */
export function showReached(schema: string): string {
  const log = `CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
    ELSE pg_current_wal_flush_lsn() END`;
  return `SELECT json_build_object('terms', ${schema}.state()) AS row, ${log} AS log`;
}

export function showStore(schema: string): Statement {
  const entry = `json_build_object('key', key, 'value', value, 'stamp', ${STAMP})`;
  const entries = `(SELECT coalesce(json_agg(${entry}), '[]') FROM ${schema}.entries)`;
  const row = `json_build_object('terms', ${schema}.state(), 'entries', ${entries})`;
  return { text: `SELECT ${row} AS row`, values: [] };
}

export function toAnswer(request: Request, server: NodeId, row: Row): Answer {
  const { found, stamp } = row;
  const about = { server, applied: toApplied(row) };
  const version = stamp === undefined ? null : versionOf(...stamp);
  const read = found ? { value: found.value, version: versionOf(...found.stamp) } : undefined;
  const nothing = { value: null, version: null };
  if (request.kind === 'get') {
    if (read === undefined) return { outcome: 'absent', ...nothing, ...about };
    return { outcome: 'ok', ...read, ...about };
  }
  if (request.kind !== 'cas') return { outcome: 'ok', value: null, version, ...about };
  const isSet = version !== null;
  const decided = { isSet, version, ...(!isSet && { found: read ?? nothing }) };
  return { ...answerOfCas(server, request.value, decided), ...about };
}

/** Of the timeline of a primary. */
export const HISTORY = `SELECT pg_read_file('pg_wal/' ||
  substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '.history') AS history`;
/** What a server is, and how far. */
export const LOOK = `SELECT is_standby, EXISTS (SELECT FROM pg_stat_wal_receiver
      WHERE status = 'streaming') AS is_in_touch,
    CASE WHEN is_standby THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS position
  FROM pg_is_in_recovery() AS is_standby`;

export interface StoreShown extends Shown {
  /** The same for two stores exactly if they have the same writes. */
  readonly position: string;
}

export function toShown(row: Row): StoreShown {
  const entries = (row.entries ?? []).map(
    ({ key, value, stamp }): Entry => [key, value, versionOf(...stamp)],
  );
  entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return { entries, applied: toApplied(row), position: positionOf(row) };
}

export function positionOf({ terms }: Row): string {
  return JSON.stringify(terms);
}

function toApplied({ terms }: Row): Answer['applied'] {
  return terms === null ? null : appliedOf(terms);
}
