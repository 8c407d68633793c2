// Implements Env on a real process: the machine's clock and timers, and calls over links.
import type { Env } from '../kernel/env.ts';
import { UnfitMessage } from '../kernel/errors.ts';
import type { Life, NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { CALL_TIMEOUT_MS } from '../kernel/limits.ts';
import { checkResult, type MessageTable } from '../kernel/messages.ts';
import { createRandomStream } from '../kernel/random.ts';
import type { Storage } from '../kernel/storage.ts';
import type { Complaints } from './complaints.ts';
import type { Links } from './links.ts';
import { startTimer } from './monotonic.ts';
import type { Recorder } from './recorder.ts';

export interface ProcessEnvSetup {
  readonly self: Life;
  readonly seed: number;
  readonly messages: MessageTable;
  readonly links: Links;
  /** Calls the configuration service, over the channel to the master. */
  callService(method: string, params: unknown, timeoutMs: number): Promise<unknown>;
  readonly complaints: Complaints;
  readonly recorder: Recorder;
  readonly storage: Storage;
  readonly now: () => number;
}

/** A life ends with its process, so this needs no clean-up. */
export function createProcessEnv(setup: ProcessEnvSetup): Env {
  const { self, seed, messages, links, complaints, recorder, storage, now } = setup;
  const check = (from: NodeId | undefined, method: string, result: unknown): unknown => {
    try {
      return checkResult(messages, method, result);
    } catch (error) {
      if (error instanceof UnfitMessage) {
        complaints.ofAnswer(from === undefined ? from : links.peerOf(from), method, error);
      }
      throw error;
    }
  };
  const call = async (
    peer: NodeId,
    method: string,
    params: unknown,
    timeoutMs: number = CALL_TIMEOUT_MS,
  ): Promise<unknown> => check(peer, method, await links.call(peer, method, params, timeoutMs));
  const callService = async (
    method: string,
    params: unknown,
    timeoutMs: number = CALL_TIMEOUT_MS,
  ): Promise<unknown> =>
    check(undefined, method, await setup.callService(method, params, timeoutMs));
  const env: Env = {
    self,
    now,
    wallClock: () => Date.now(),
    random: createRandomStream(seed, `node ${self.id}.${self.incarnation}`),
    after: startTimer,
    call: call as Env['call'],
    callService: callService as Env['callService'],
    storage,
    note: (label, detail = {}) => recorder.noted(label, detail as Json),
  };
  return env;
}
