// Failing twins of Causeway's decisions about PostgreSQL.
import type { Twin } from './mutate.ts';

const IN = 'src/engines/postgres';

export const POSTGRES_TWINS: readonly Twin[] = [
  {
    name: 'an error that ends the session counts as undone',
    edits: [{ file: `${IN}/errors.ts`, find: "severity === 'ERROR' && ", replace: '' }],
    caughtBy: /FATAL 57P01 counts as undone/,
  },
  {
    name: 'an error without a severity counts as undone',
    edits: [
      {
        file: `${IN}/errors.ts`,
        find: "if (typeof severity !== 'string') return new CallError('ERR_UNREACHABLE', told);",
        replace: "if (typeof severity !== 'string') severity = 'ERROR';",
      },
    ],
    caughtBy: /ECONNRESET counts as undone/,
  },
  {
    name: 'a cancelled wait is not noticed',
    edits: [{ file: `${IN}/errors.ts`, find: "code === '01000'", replace: "code === '57014'" }],
    caughtBy: /whose wait was cancelled counts as copied/,
  },
  {
    name: 'a standby that is ahead goes on with its folder',
    edits: [
      {
        file: `${IN}/lineage.ts`,
        find: 'if (beginning.from === own && isOver) return false;',
        replace: 'void isOver;',
      },
    ],
    caughtBy: /goes on with what its primary lacks: 1,101,2/,
  },
  {
    name: 'a standby of another branch goes on with its folder',
    edits: [
      {
        file: `${IN}/lineage.ts`,
        find: 'if (beginning === undefined) return false;',
        replace: 'if (beginning === undefined) return true;',
      },
    ],
    caughtBy: /goes on with what its primary lacks: 2,150,3/,
  },
  {
    name: 'a standby counts as equal before it has a waiting commit',
    edits: [{ file: `${IN}/positions.ts`, find: ' && one.log >= primary.log', replace: '' }],
    caughtBy: /a standby that lacks a waiting commit is equal/,
  },
  {
    name: 'writes are ordered without their term',
    edits: [
      {
        file: 'src/engines/store/termVersions.ts',
        find: 'return [term * TERM_SHARE + number',
        replace: 'return [10 - number',
      },
    ],
    caughtBy: /a later write has a lesser version/,
  },
  {
    name: 'commits wait for one standby, whatever is asked',
    edits: [{ file: `${IN}/configuration.ts`, find: '`ANY', replace: '`ANY 1 (*)` || `ANY' }],
    caughtBy: /no commit waits/,
  },
];
