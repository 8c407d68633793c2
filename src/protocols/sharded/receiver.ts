// Takes the shards that other groups give, as the primary of the group that gets them.
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { PartIntake } from '../../replication/parts.ts';
import { staleEpoch } from './errors.ts';
import type { Member } from './member.ts';
import type { ShardedMessages } from './messages.ts';
import { takeGiven } from './moving.ts';
import type { GroupId } from './placement.ts';
import type { Position } from './position.ts';
import { unpackPiece } from './wire.ts';

/** What one primary gives in one move. */
interface Intake {
  readonly position: Position;
  readonly move: number;
  readonly epoch: number;
  readonly parts: PartIntake<true>;
  /** The entry that was made of the last part. */
  index: number;
}

export class Receiver {
  readonly #member: Member;
  readonly #intakes = new Map<GroupId, Intake>();

  constructor(member: Member) {
    this.#member = member;
  }

  /** Answers a part when the whole group has it. */
  async receive(
    params: ParamsOf<ShardedMessages, 'give'>,
  ): Promise<ResultOf<ShardedMessages, 'give'>> {
    const { number, move, from, epoch, transfer, part, isLast } = params;
    const { state } = this.#member;
    const { position } = state;
    if (number > state.number) throw staleEpoch(`no configuration ${number} yet`);
    if (position === undefined || !state.hasBegun(position)) throw staleEpoch('no position');
    const pieces = params.pieces.map(unpackPiece);
    const entry = takeGiven(state, { move, from, isLast, pieces });
    if (entry === undefined) return this.#whole(position, from);
    const intake = this.#intake(position, move, from, epoch);
    const taken = intake.parts.take({ transfer, part, isLast }, true);
    if (taken === 'gap') return { status: 'gap' };
    if (taken !== 'copy') {
      intake.index = position.log.push(entry);
      this.#member.write();
      position.flush();
      this.#member.advance();
    }
    await this.#member.whenApplied(position, intake.index);
    return { status: isLast ? 'whole' : 'more' };
  }

  /** All parts have come; the last ones may be on their way to the group. */
  async #whole(position: Position, from: GroupId): Promise<ResultOf<ShardedMessages, 'give'>> {
    const index = this.#intakes.get(from)?.index ?? position.log.last;
    await this.#member.whenApplied(position, index);
    return { status: 'whole' };
  }

  /** Throws ERR_STALE_EPOCH for a primary that another one has replaced. */
  #intake(position: Position, move: number, from: GroupId, epoch: number): Intake {
    const known = this.#intakes.get(from);
    if (known?.position === position && known.move === move && known.epoch >= epoch) {
      if (known.epoch > epoch) throw staleEpoch(`${epoch} of group ${from}`);
      return known;
    }
    const intake = { position, move, epoch, parts: new PartIntake<true>(), index: 0 };
    this.#intakes.set(from, intake);
    return intake;
  }
}
