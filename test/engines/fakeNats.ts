// A server that speaks NATS's protocol for clients, and answers requests as a test likes.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

const END = '\r\n';
const GREETING = JSON.stringify({
  ...{ server_id: 'fake', version: '2.9.10', proto: 1, headers: true, jetstream: true },
  max_payload: 1_048_576,
});

export interface FakeNats {
  readonly address: string;
  /** The subjects of all requests so far. */
  readonly asked: readonly string[];
  close(): void;
}

export interface FakeTerms {
  /** Instead of NATS's own first line; nothing at all if empty. */
  readonly greeting?: string;
  /** The answer to a request of that subject; none if undefined. */
  answer?(subject: string): string | undefined;
}

export async function startFakeNats(terms: FakeTerms): Promise<FakeNats> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.write(terms.greeting ?? `INFO ${GREETING}${END}`);
    let text = '';
    const inboxes = new Map<string, string>();
    socket.on('data', (part: Buffer) => {
      text += part.toString('latin1');
      for (let at = text.indexOf(END); at >= 0; at = text.indexOf(END)) {
        const [verb = '', ...words] = text.slice(0, at).split(' ');
        text = text.slice(at + END.length);
        if (verb === 'PING') socket.write(`PONG${END}`);
        if (verb === 'SUB') inboxes.set((words[0] ?? '').replace('*', ''), words.at(-1) ?? '');
        if (verb !== 'PUB' && verb !== 'HPUB') continue;
        text = text.slice(Number(words.at(-1)) + END.length);
        const [subject = '', inbox = ''] = words;
        asked.push(subject);
        const answer = terms.answer?.(subject);
        const [, id] = [...inboxes].find(([prefix]) => inbox.startsWith(prefix)) ?? [];
        if (answer !== undefined && id !== undefined) {
          const length = Buffer.byteLength(answer);
          socket.write(`MSG ${inbox} ${id} ${length}${END}${answer}${END}`);
        }
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
