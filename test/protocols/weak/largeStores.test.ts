// A store that is too large for a message is refused in both worlds alike.
import { expect, it } from 'vitest';
import { VersionVector } from '../../../src/clocks/versionVector.ts';
import { KEY_BYTES, VALUE_BYTES } from '../../../src/kernel/limits.ts';
import { pack, unpack } from '../../../src/protocols/weak/wire.ts';
import { launch, simulate } from '../../scripts/programs.ts';

const LARGE = 'v'.repeat(600_000);
const SCRIPT = `protocol weak
joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 1
put 5 x ${LARGE}
put 5 y ${LARGE}
put 5 z 1
get 5 z
get 6 z
stabilize
`;

const written = (...values: string[]) => ({
  entries: values.map((value, at) => ({
    ...{ key: 'k'.repeat(KEY_BYTES), value },
    version: { timestamp: at + 1, origin: { id: 0, incarnation: 1 } },
  })),
  applied: new VersionVector(),
});

it('the largest entry travels, and two large ones do not', () => {
  const largest = written('v'.repeat(VALUE_BYTES - 2));
  expect(unpack(pack(largest))).toEqual(largest);
  expect(() => pack(written(LARGE, LARGE))).toThrow('over its limit');
});

it.each([
  ['in simulation', simulate],
  ['on real processes', launch],
])('another server does not get it, and stabilize says so: %s', async (_where, run) => {
  const { stdout, stderr } = await run(Buffer.from(SCRIPT));
  expect(stdout).toBe('z:1\nz:ERR_KEY\n');
  expect(stderr).toBe('causeway: stdin:11: E_TIMEOUT: no answer from server 1\n');
});
