import { expect, it } from 'vitest';
import { OperationLines } from '../../src/kernel/operationLines.ts';

const order = (message: string, method = 'put') => ({
  ...({ event: 'receive', from: 'master', message, method } as const),
});
const answer = (answers: string) => ({
  ...({ event: 'send', to: 'master', message: '5.1#9', answers, method: 'put' } as const),
});
const request = (message: string) => ({
  ...({ event: 'send', to: 0, message, method: 'write' } as const),
});
const reply = (answers: string) => ({
  ...({ event: 'receive', from: 0, message: '0.1#1', answers, method: 'write' } as const),
});
const drop = (message: string) => ({
  ...({ event: 'drop', to: 0, message, why: 'lost', method: 'write' } as const),
});

it('gives requests, losses and replies the line of the operation under way', () => {
  const lines = new OperationLines();
  expect(lines.lineOf(request('5.1#0'))).toBeUndefined();
  expect(lines.lineOf(order('master#1'), 3)).toBe(3);
  expect(lines.lineOf(request('5.1#1'))).toBe(3);
  expect(lines.lineOf(drop('5.1#1'))).toBe(3);
  expect(lines.lineOf(reply('5.1#1'))).toBe(3);
  expect(lines.lineOf(reply('5.1#0'))).toBeUndefined();
  expect(lines.lineOf(answer('master#1'), 3)).toBe(3);
  expect(lines.lineOf(request('5.1#2'))).toBeUndefined();
  expect(lines.lineOf(reply('5.1#1')), 'late').toBe(3);
});

it('does not give a late reply the line of a later operation', () => {
  const lines = new OperationLines();
  lines.lineOf(order('master#1'), 3);
  lines.lineOf(request('5.1#1'));
  lines.lineOf(answer('master#1'), 3);
  lines.lineOf(order('master#2'), 4);
  expect(lines.lineOf(reply('5.1#1'))).toBeUndefined();
});

it('gives no line while operations of several lines are under way', () => {
  const lines = new OperationLines();
  lines.lineOf(order('master#1'), 3);
  lines.lineOf(order('master#2'), 4);
  expect(lines.lineOf(request('5.1#1'))).toBeUndefined();
  lines.lineOf(answer('master#1'), 3);
  expect(lines.lineOf(request('5.1#2'))).toBe(4);
});

it('takes an order about a link for no operation, and keeps its line', () => {
  const lines = new OperationLines();
  expect(lines.lineOf(order('master#1', 'connect'), 3)).toBe(3);
  expect(lines.lineOf(request('5.1#1'))).toBeUndefined();
  expect(lines.lineOf({ event: 'start' }, 2)).toBe(2);
});
