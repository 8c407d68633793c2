// What Causeway decides about PostgreSQL, without a server.

import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeConfiguration } from '../../src/engines/postgres/configuration.ts';
import { postgresDesign } from '../../src/engines/postgres/design.ts';
import { findBarrier, findPrograms } from '../../src/engines/postgres/programs.ts';
import { completeOptions } from '../../src/kernel/design.ts';
import { importMutated } from '../twins/mutate.ts';
import { POSTGRES_TWINS } from '../twins/postgres.ts';
import { findComplaint } from '../twins/postgresSuite.ts';

describe('the decisions about PostgreSQL', () => {
  it('keep their laws', () => {
    expect(findComplaint()).toBeUndefined();
  });

  it.each(POSTGRES_TWINS)('are caught without one: $name', async ({ edits, caughtBy }) => {
    const suite = (await importMutated('test/twins/postgresSuite.ts', edits)) as {
      findComplaint: typeof findComplaint;
    };
    expect(suite.findComplaint()).toMatch(caughtBy);
  });
});

it('gives a server the settings that the options name', () => {
  const given = { fsync: 'on', commit: 'remote_apply', sync: '2' };
  const options = completeOptions(postgresDesign, given);
  const lines = writeConfiguration({ id: 1, port: 5, options }).split('\n');
  expect(lines).toContain("fsync = 'on'");
  expect(lines).toContain("synchronous_commit = 'remote_apply'");
  expect(lines).toContain("synchronous_standby_names = 'ANY 2 (*)'");
});

describe('where PostgreSQL runs', () => {
  it('is a folder that the user of its servers can reach, or the one that bars the way', () => {
    const own = realpathSync(mkdtempSync(join(tmpdir(), 'causeway-postgres-pieces-')));
    const inner = join(own, 'inner');
    mkdirSync(inner);
    const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    const other = { uid: uid + 1, gid: gid + 1 };
    try {
      expect(findBarrier(inner, { uid, gid })).toBeUndefined();
      expect(findBarrier(inner, other)).toBe(own);
      chmodSync(own, 0o711);
      expect(findBarrier(inner, other)).toBeUndefined();
      chmodSync(inner, 0o710);
      expect(findBarrier(inner, other)).toBe(inner);
      expect(findBarrier(inner, { uid: uid + 1, gid })).toBeUndefined();
    } finally {
      rmSync(own, { recursive: true });
    }
  });

  it('has its programs in PATH, or beside the one that is named', () => {
    const folder = realpathSync('/bin');
    expect(findPrograms('sh', '/nowhere:/bin').server).toBe('/bin/sh');
    expect(findPrograms('/bin/ls', '').server).toBe('/bin/ls');
    expect(() => findPrograms('/bin', '')).toThrow("Debian's package postgresql has it");
    expect(() => findPrograms('no-such-program', '/bin')).toThrow('there is no such program');
    expect(findPrograms('ls', '/bin').folder).toBe(folder);
  });
});
