// The service of lease: it has the data, and gives the lease to one server at a time.
import type { Life } from '../../../../src/kernel/ids.ts';
import type { Service, ServiceEnv } from '../../../../src/kernel/service.ts';
import type { Entry, LeaseMessages } from './messages.ts';
import { LEASE_MS } from './tenure.ts';

export function createLeaseService(env: ServiceEnv<LeaseMessages>): Service<LeaseMessages> {
  const entryByKey = new Map<string, Entry>();
  let holder: Life | undefined;
  let until = Number.NEGATIVE_INFINITY;
  let term = 0;
  let writes = 0;
  const isHolder = ({ id, incarnation }: Life): boolean =>
    holder?.id === id && holder.incarnation === incarnation;
  return {
    state: entryByKey,
    ended: () => undefined,
    handlers: {
      acquire: (from) => {
        if (!isHolder(from)) {
          if (env.now() < until) return { term: null, entries: [] };
          term += 1;
          holder = from;
        }
        until = env.now() + LEASE_MS;
        return { term, entries: [...entryByKey.values()] };
      },
      store: (_from, { term: asked, key, value }) => {
        if (asked !== term) return { version: null };
        writes += 1;
        entryByKey.set(key, { key, value, version: writes });
        return { version: writes };
      },
    },
  };
}
