// The messages that leave over one link: sent at once, or treated as the link's setting says.
import type { LinkSetting } from '../kernel/linkSettings.ts';
import type { Traffic, Usual } from '../kernel/traffic.ts';
import { Departures } from './departures.ts';
import { monotonicMs } from './monotonic.ts';

/** A socket loses and repeats nothing, and its own delay is added to this one. */
const SOCKET: Usual = { loss: 0, duplication: 0, delay: () => 0 };

export class Outgoing {
  setting: LinkSetting | undefined;
  readonly #traffic: Traffic;
  readonly #departures = new Departures();

  constructor(traffic: Traffic, setting: LinkSetting | undefined) {
    this.#traffic = traffic;
    this.setting = setting;
  }

  /** Sends a message by `send`, now or later, perhaps twice. Returns false if it is lost. */
  pass(send: () => void): boolean {
    if (this.setting === undefined) {
      send();
      return true;
    }
    const now = monotonicMs();
    const delays = this.#traffic.send(now, SOCKET, this.setting);
    for (const delay of delays) this.#departures.add(now + delay, send);
    return delays.length > 0;
  }

  /** Drops what has not been sent. */
  clear(): void {
    this.#departures.clear();
  }
}
