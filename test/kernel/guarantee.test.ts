// What a protocol may claim.
import { expect, it } from 'vitest';
import { asGuarantees, type Guarantee } from '../../src/kernel/guarantee.ts';

it('a claim is taken if it is a guarantee', () => {
  expect(asGuarantees('mystore', ['convergence', 'read-your-writes'])).toHaveLength(2);
});

it('a misspelt claim is an error that names it, and does not count as kept', () => {
  const claims: Guarantee[] = ['convergence', 'read-your-write' as Guarantee];
  const text = 'mystore claims read-your-write, which is none of read-your-writes, monotonic-reads';
  expect(() => asGuarantees('mystore', claims)).toThrow(text);
});
