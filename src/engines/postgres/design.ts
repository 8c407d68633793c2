// PostgreSQL: a primary that writes, and standbys that replay its log as it is streamed to them.
//
// What it guarantees. Standbys become equal to their primary. By default replication is
// asynchronous: a standby may be behind, and what a primary has acknowledged may be lost with it.
// With sync= a commit waits for standbys.
// Who talks to whom. 1. The first server is the primary, each later one a standby: it begins with a
// copy of the primary's folder. `promote s` makes another one the primary; servers that it reaches
// follow it, the others when it reaches them. One that has what the new primary lacks begins again
// with a copy. 2. A standby reaches its primary through a proxy of the master; copies do not pass
// links. 3. A client of the script lives in the master. It sends writes to the latest primary that
// it is connected to, and reads to the server that it joined first.
import type { Design } from '../../kernel/design.ts';
import { CAS_COMMAND } from '../../replication/compareAndSet.ts';
import { lacksElsewhere, refuseServerElsewhere } from '../store/endpoints.ts';
import { PROMOTE_COMMAND } from '../store/primaryDesign.ts';
import { refuseLinkOverTcp } from '../tcp/slowLinks.ts';
import { PROGRAM_LACKS } from '../world/programLacks.ts';
import { errors } from './errors.ts';
import { claims, modifiers, options, refuseOptions } from './options.ts';

export const postgresDesign: Design = {
  name: 'postgres',
  summary:
    "PostgreSQL's own servers, a primary and streaming standbys; their connections can be cut " +
    'and delayed.',
  claims,
  guarantees: {},
  options,
  refuseOptions,
  refuseServer: refuseServerElsewhere,
  refuseLink: refuseLinkOverTcp,
  clientsReachAll: true,
  commands: [CAS_COMMAND, PROMOTE_COMMAND],
  modifiers,
  lacksWith: (given) => lacksElsewhere(given, ['promote']),
  lacks: PROGRAM_LACKS,
  errors,
};
