// Traces made by hand: only what the pictures read.
import type { TraceEvent } from '../../../src/kernel/trace.ts';

const AT = { incarnation: 1, lamport: 0 };

type Told = Partial<Record<'at' | 'line' | 'incarnation', number>>;

export function start(node: number, role: 'server' | 'client' = 'server', told: Told = {}) {
  return { ...AT, at: 0, node, event: 'start', role, ...told } as TraceEvent;
}

export function happens(event: 'crash' | 'pause' | 'resume', node: number, told: Told = {}) {
  return { ...AT, at: 0, node, event, ...told } as TraceEvent;
}

export function changes(event: 'link' | 'cut' | 'mute', node: number, peer: number) {
  return { ...AT, at: 0, node, event, peer } as TraceEvent;
}

/** A call of the master has arrived. */
export function ordered(node: number, method: string) {
  return {
    ...AT,
    at: 0,
    node,
    event: 'receive',
    from: 'master',
    message: 'm',
    method,
  } as TraceEvent;
}

export function sent(message: string, node: number, to: number, at: number) {
  return { ...AT, at, node, event: 'send', to, message, method: 'write' } as TraceEvent;
}

export function received(message: string, node: number, from: number, at: number) {
  return { ...AT, at, node, event: 'receive', from, message, method: 'write' } as TraceEvent;
}

export function dropped(message: string, node: number, to: number, at: number) {
  return { ...AT, at, node, event: 'drop', to, message, method: 'write', why: 'cut' } as TraceEvent;
}
