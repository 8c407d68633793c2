// Orders about one thing keep their order, also when the lines that give them run at once.
import { expect, test } from 'vitest';
import { InOrder } from '../../src/language/inOrder.ts';
import { launch, simulate } from '../scripts/programs.ts';
import { sample } from '../support/extent.ts';

test('the next order about a thing waits, and others do not', async () => {
  const orders = new InOrder();
  const seen: string[] = [];
  let finish = (): void => undefined;
  const first = orders.do('a', () => new Promise<void>((resolve) => (finish = resolve)));
  const failing = orders.do('a', () => Promise.reject(new Error('no')));
  const last = orders.do('a', async () => {
    seen.push('last of a');
  });
  await orders.do('b', async () => {
    seen.push('b');
  });
  expect(seen).toEqual(['b']);
  finish();
  await first;
  await expect(failing).rejects.toThrow('no');
  await last;
  expect(seen).toEqual(['b', 'last of a']);
});

const JOINED = 'joinServer 0\njoinServer 1\njoinClient 5 0\njoinClient 6 1\n';

const BLOCKS = [
  ['pauseServer 1\nresumeServer 1', 'a:1\n'],
  ['breakConnection 6 1\ncreateConnection 6 1', 'a:1\n'],
  ['partition 0 5 | 1 6\nheal', 'a:1\n'],
  ['breakConnection 0 1 oneway\ncreateConnection 0 1', 'a:1\n'],
] as const;

test.each(sample(BLOCKS, 2))('%j in one block, in both worlds', async (lines, answers) => {
  const script = `${JOINED}concurrently\n${lines}\nend\nput 5 a 1\nstabilize\nget 6 a\n`;
  const seen = await launch(Buffer.from(script));
  expect(seen).toEqual(await simulate(Buffer.from(script)));
  expect(seen.stdout).toBe(answers);
});
