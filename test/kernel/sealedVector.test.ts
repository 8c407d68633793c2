import { describe, expect, it, vi } from 'vitest';
import { VersionVector } from '../../src/clocks/versionVector.ts';
import { drawTestCase } from '../../src/fuzz/draw.ts';
import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import { runTrial } from '../../src/fuzz/trial.ts';
import { vectorSchema } from '../../src/kernel/control.ts';
import type { VectorTuples } from '../../src/kernel/history.ts';
import { copyJson } from '../../src/kernel/json.ts';
import { checkParams } from '../../src/kernel/messages.ts';
import { isSealedVector } from '../../src/kernel/sealedVector.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { extent, IS_FULL } from '../support/extent.ts';

/** Here they cannot be changed, instead of only not being. */
vi.mock(import('../../src/kernel/sealedVector.ts'), async (importReal) => {
  const real = await importReal();
  const sealVector = (tuples: VectorTuples): VectorTuples => {
    const sealed = real.sealVector(tuples);
    for (const tuple of sealed) Object.freeze(tuple);
    return Object.freeze(sealed);
  };
  return { ...real, sealVector };
});

function someTuples(): VectorTuples {
  const vector = new VersionVector();
  vector.advance({ id: 1, incarnation: 1 }, 5);
  vector.advance({ id: 0, incarnation: 2 }, 7);
  return vector.toTuples();
}

describe('a sealed vector', () => {
  it('is shared by copies of a message, and looks as it would without', () => {
    const tuples = someTuples();
    expect(isSealedVector(tuples)).toBe(true);
    expect(copyJson({ applied: tuples })).toStrictEqual({
      applied: [
        [0, 2, 7],
        [1, 1, 5],
      ],
    });
    expect((copyJson({ applied: tuples }) as { applied: unknown }).applied).toBe(tuples);
    expect(Reflect.ownKeys(tuples)).toEqual(['0', '1', 'length']);
  });

  it('is not one that only looks like it: that is copied and checked', () => {
    const tuples = structuredClone(someTuples());
    expect(isSealedVector(tuples)).toBe(false);
    expect(copyJson(tuples)).not.toBe(tuples);
    const spec = { from: 'server', to: 'server', about: '', params: vectorSchema } as const;
    const check = (params: unknown) => checkParams({ ...spec, result: vectorSchema }, params);
    expect(() => check({ applied: [[0, 2, -7]] })).toThrow();
  });

  it.each(PROTOCOLS.map((protocol) => [protocol.name, protocol] as const))(
    'is never changed: %s runs with vectors that cannot be changed',
    async (_, protocol) => {
      const language = createScriptLanguage(PROTOCOLS);
      const size = IS_FULL ? 'usual' : 'short';
      for (let seed = 1; seed <= extent({ full: 20, quick: 2 }); seed += 1) {
        const testCase = drawTestCase(protocol, seed, size);
        const { failure } = await runTrial({ language, testCase });
        expect(failure).toBeUndefined();
      }
    },
  );
});
