// Two protocols that no world ever runs: they have only the fields that the master reads.
import { defineProtocol, type Protocol, type ProtocolCommand } from '../../src/kernel/protocol.ts';

function refuseToRun(): never {
  throw new Error('this protocol is not meant to run');
}

function declare(
  name: string,
  commands: readonly ProtocolCommand[],
  guarantees: Protocol['guarantees'],
): Protocol {
  return defineProtocol({
    name,
    summary: `The protocol ${name} of the tests.`,
    claims: [],
    guarantees,
    options: {
      pace: {
        about: 'how fast',
        fallback: 'slow',
        refuse: (text) => (['slow', 'fast'].includes(text) ? undefined : 'it is slow or fast'),
      },
    },
    commands,
    messages: {},
    createReplica: refuseToRun,
    createSession: refuseToRun,
    createInvariants: refuseToRun,
  });
}

export const plain = declare(
  'plain',
  [
    {
      name: 'append',
      usage: 'append c k v',
      about: 'joins a value to what is stored',
      on: 'client',
      args: ['key', 'value'],
      prints: 'answer',
    },
    {
      name: 'owner',
      usage: 'owner s k',
      about: 'says who owns a key',
      on: 'server',
      args: ['key'],
      prints: 'lines',
    },
  ],
  { causal: ['causal'], monotonic: ['monotonic-reads'] },
);

/** Its gets have effects on servers. */
export const other: Protocol = {
  ...declare(
    'other',
    [
      {
        name: 'transfer',
        usage: 'transfer s',
        about: 'hands over',
        on: 'server',
        args: [],
        prints: 'nothing',
      },
    ],
    {},
  ),
  hasRepairs: true,
};
