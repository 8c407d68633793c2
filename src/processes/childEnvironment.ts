// What the processes that a master starts see of its environment: nothing that could change how
// they run, such as NODE_OPTIONS, a debugger, a proxy or certificates, which are the master's own.

/** Each with its reason. */
const PASSED_ON = [
  // The folder of code caches.
  'HOME',
  'XDG_CACHE_HOME',
  // Where a Node that is built with shared libraries finds them: without it none would start.
  'LD_LIBRARY_PATH',
  // How the system's messages and times read, so that they read as the master's.
  'LANG',
  'LC_ALL',
  'TZ',
] as const;

/** The whole environment of a child. */
export function childEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
