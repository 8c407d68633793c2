// What to make of a cluster's members before one is added. An addition whose answer was lost may
// have been done, or may be done later. Synchronous.

/** A member as etcd lists it, which leaves out what is false or empty. */
export interface ListedMember {
  readonly ID?: string;
  readonly peerURLs?: readonly string[];
  readonly isLearner?: boolean;
}

export interface Leftovers {
  /** The id of the member that is to be added, if it is one already. */
  readonly own: string | undefined;
  /** The ids of learners that no server is: etcd adds no other learner beside them. */
  readonly strangers: readonly string[];
}

/** `own` is the address of the new member, `known` has those of all others that servers have. */
export function leftovers(
  listed: readonly ListedMember[],
  own: string,
  known: ReadonlySet<string>,
): Leftovers {
  const idsOf = (members: readonly ListedMember[]): string[] =>
    members.flatMap(({ ID }) => (ID === undefined ? [] : [ID]));
  const isAt = ({ peerURLs = [] }: ListedMember, url: string): boolean => peerURLs.includes(url);
  const isKnown = ({ peerURLs = [] }: ListedMember): boolean =>
    peerURLs.some((url) => url === own || known.has(url));
  return {
    own: idsOf(listed.filter((member) => isAt(member, own)))[0],
    strangers: idsOf(listed.filter((member) => member.isLearner === true && !isKnown(member))),
  };
}

/** Whether the member with that id is listed as one that votes. */
export function doesVote(listed: readonly ListedMember[], id: string): boolean {
  return listed.some(({ ID, isLearner = false }) => ID === id && !isLearner);
}
