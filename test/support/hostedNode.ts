// A server of the tiny protocol inside the test's own process, on a real port, so that a test can
// send arbitrary malformed input and can set small limits.
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach } from 'vitest';
import type { Role } from '../../src/kernel/ids.ts';
import { createClientNode, createServerNode } from '../../src/kernel/node.ts';
import { createTokens, digestTokens, type Tokens } from '../../src/rpc/access.ts';
import type { LinkOrder } from '../../src/rpc/assignment.ts';
import { type HostedNode, startHostedNode } from '../../src/rpc/hostedNode.ts';
import { completeLimits, type RpcLimits } from '../../src/rpc/limits.ts';
import { type Listener, openListener } from '../../src/rpc/listener.ts';
import { tiny } from './tinyProtocol.ts';

export interface TestNode {
  readonly port: number;
  readonly hostedNode: HostedNode;
  /** The errors thrown by the node that were no CallErrors. */
  readonly bugs: unknown[];
  /** What it has said to the user of the master. */
  readonly said: readonly string[];
  readonly peer: LinkOrder['peer'];
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: unknown;
}

/** Returns a function that opens nodes. All nodes of a test share their tokens, and end with it. */
export function useNodes(): {
  readonly tokens: Tokens;
  open(id: number, role?: Role, limits?: Partial<RpcLimits>): Promise<TestNode>;
} {
  const tokens = createTokens();
  const listeners: Listener[] = [];
  const residences: HostedNode[] = [];
  afterEach(() => {
    for (const hostedNode of residences.splice(0)) hostedNode.links.closeAll();
    for (const { server } of listeners.splice(0)) server.close().closeAllConnections();
  });
  return {
    tokens,
    open: async (id, role = 'server', given = {}) => {
      const limits = completeLimits(given);
      const listener = await openListener(limits);
      const bugs: unknown[] = [];
      const said: string[] = [];
      const hostedNode = startHostedNode(
        {
          role,
          createNode: role === 'server' ? createServerNode : createClientNode,
          protocol: tiny,
        },
        {
          id,
          incarnation: 1,
          protocol: 'tiny',
          options: {},
          seed: 1,
          guarantees: [],
          trace: false,
          epochMs: 0,
          token: tokens[role],
          digests: digestTokens(tokens),
        },
        {
          send: () => undefined,
          onMessage: () => undefined,
          onBug: () => undefined,
          say: (text) => said.push(text),
          fail: (error) => bugs.push(error),
        },
        limits,
      );
      listener.setHandler(hostedNode);
      listeners.push(listener);
      residences.push(hostedNode);
      const peer = { id, incarnation: 1, role, port: listener.port };
      return { port: listener.port, hostedNode, bugs, said, peer };
    },
  };
}

/** Opens a link between two nodes of a test. */
export function openLink(a: TestNode, b: TestNode, number = 1): void {
  a.hostedNode.links.open({ peer: b.peer, number });
  b.hostedNode.links.open({ peer: a.peer, number });
}

export interface Post {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: { readonly [name: string]: string | undefined };
  readonly body?: string | Uint8Array;
}

/** One HTTP request; a header that is undefined is left out. */
export function post(port: number, { method = 'POST', path = '/rpc', headers, body }: Post) {
  const all = { 'content-type': 'application/json', ...headers };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new Promise<Reply>((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port, method, path, headers: sent as Record<string, string> },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => {
          const isJson = response.headers['content-type']?.startsWith('application/json');
          const json: unknown = isJson ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** Sends bytes unchanged and returns all that comes back until the other end closes. */
export function sendRaw(port: number, text: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1');
    socket.on('data', (part) => {
      answer += part;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}
