// A failed server that still runs: calls from and to its peers and the service fail at once. This
// is below the protocol, whose code cannot tell it from a broken network. No memory is lost.
import type { Env } from './env.ts';
import { CallError } from './errors.ts';

export class Deafness {
  isDeaf = false;

  /** An Env like the given one, whose calls fail while the server is deaf. */
  wrap(env: Env): Env {
    const call: Env['call'] = (peer, method, params, timeoutMs) =>
      this.isDeaf ? Promise.reject(this.error) : env.call(peer, method, params, timeoutMs);
    const callService: Env['callService'] = (method, params, timeoutMs) =>
      this.isDeaf ? Promise.reject(this.error) : env.callService(method, params, timeoutMs);
    return { ...env, call, callService };
  }

  /** Calls that were under way when it became deaf may still be answered. */
  get error(): CallError {
    return new CallError('ERR_UNREACHABLE', 'the server has failed');
  }
}
