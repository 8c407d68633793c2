// Redis: a primary that writes, and replicas that follow it.
//
// What it guarantees. Replicas become equal to their primary. Replication is asynchronous: a
// replica may be behind, and what a primary has acknowledged may be lost with it.
// Who talks to whom. 1. The first server is the primary, each later one its replica. `promote s`
// makes another one the primary; servers that it reaches follow it, the others when it reaches
// them. 2. A replica reaches its primary through a proxy of the master. 3. A client of the script
// lives in the master. It sends writes to the latest primary that it is connected to, and reads to
// the server that it joined first.
import type { Design } from '../../kernel/design.ts';
import { CAS_COMMAND } from '../../replication/compareAndSet.ts';
import { lacksElsewhere, refuseServerElsewhere } from '../store/endpoints.ts';
import { PROMOTE_COMMAND } from '../store/primaryDesign.ts';
import { refuseLinkOverTcp } from '../tcp/slowLinks.ts';
import { claimsFrom } from '../world/claims.ts';
import { PROGRAM_LACKS } from '../world/programLacks.ts';
import { errors } from './errors.ts';
import { modifiers, options, refuseOptions } from './options.ts';

export const redisDesign: Design = {
  name: 'redis',
  summary: "Redis's own servers, a primary and replicas; their connections can be cut and delayed.",
  claims: claimsFrom,
  guarantees: {},
  options,
  refuseOptions,
  refuseServer: refuseServerElsewhere,
  refuseLink: refuseLinkOverTcp,
  clientsReachAll: true,
  commands: [CAS_COMMAND, PROMOTE_COMMAND],
  modifiers,
  lacksWith: (chosen) => lacksElsewhere(chosen, ['promote']),
  lacks: PROGRAM_LACKS,
  errors,
};
