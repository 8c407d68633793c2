// A node that runs, but whose calls fail at once: a failed server hears and asks neither its peers
// nor the service, a node that is cut off from the service only not the service. This is below the
// protocol, whose code cannot tell it from a broken network. No memory is lost.
import type { Env } from './env.ts';
import { CallError } from './errors.ts';
import type { Speaker } from './messages.ts';

export class Deafness {
  /** The server has failed. */
  isDeaf = false;
  /** The node is cut off from the configuration service. */
  isCutOff = false;

  /** An Env like the given one, whose calls fail while the node is deaf to those that it calls. */
  wrap(env: Env): Env {
    const call: Env['call'] = (peer, method, params, timeoutMs) => {
      const error = this.errorFor('server');
      return error ? Promise.reject(error) : env.call(peer, method, params, timeoutMs);
    };
    const callService: Env['callService'] = (method, params, timeoutMs) => {
      const error = this.errorFor('service');
      return error ? Promise.reject(error) : env.callService(method, params, timeoutMs);
    };
    return { ...env, call, callService };
  }

  /**
   * Why calls to and from the other side fail now, or undefined; the master always reaches a node.
   * Calls that were under way when it became deaf may still be answered.
   */
  errorFor(other: Speaker): CallError | undefined {
    if (other === 'master') return undefined;
    if (this.isDeaf) return new CallError('ERR_UNREACHABLE', 'the server has failed');
    if (other !== 'service' || !this.isCutOff) return undefined;
    return new CallError('ERR_UNREACHABLE', 'cut off from the configuration service');
  }
}
