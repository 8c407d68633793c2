// The environment variables of the processes that a master starts. Left out are all that could
// change how they run, such as NODE_OPTIONS, a debugger, a proxy or certificates; these are for the
// master only.

/** Each with its reason. */
const PASSED_ON = [
  // For the folder of code caches.
  'HOME',
  'XDG_CACHE_HOME',
  // Where a Node built with shared libraries finds them; it cannot start without them.
  'LD_LIBRARY_PATH',
  // So that messages and times of the system have the same language as in the master.
  'LANG',
  'LC_ALL',
  'TZ',
] as const;

/** The complete environment of a child. */
export function childEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
