// A node's one port: HTTP for people, and the handshakes of links. It is open before the process
// knows who it is, and refuses everybody until then.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { isOwnHost, isOwnOrigin } from './access.ts';
import type { Rank } from './assignment.ts';
import { LINK_PATH, readHandshake } from './dial.ts';
import type { RpcLimits } from './limits.ts';
import { LinkSocket } from './linkSocket.ts';
import type { Links } from './links.ts';

/** The literal address: a name could resolve to something else, no address means all of them. */
const LOOPBACK = '127.0.0.1';

/** Links and what may arrive on the way to becoming one; far above what one run can have. */
const MAX_CONNECTIONS = 1_024;

/** After so many a connection is closed, and its owner may open another. */
const REQUESTS_PER_CONNECTION = 1_000;

/** How often the two timeouts of requests are looked at. */
const TIMEOUT_CHECKS_MS = 500;

/** Who lives behind the door. */
export interface Resident {
  readonly links: Links;
  rankOf(authorization: unknown): Rank | undefined;
  /** Answers one HTTP request that the door has let in. */
  serve(request: IncomingMessage, response: ServerResponse): void;
}

export interface Door {
  readonly server: Server;
  /** From now on requests are answered. */
  settle(resident: Resident): void;
}

/** Resolves when the port is open. Rejects as `listen` does. */
export function openDoor(limits: RpcLimits): Promise<Door & { readonly port: number }> {
  let resident: Resident | undefined;
  const server = createServer({
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: TIMEOUT_CHECKS_MS,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  limitSockets(server, limits.sockets);
  // What comes behind a request whose answer closes the connection, maybe hundreds in one chunk of
  // a flood, is not looked at: nobody would hear the answers.
  const closing = new WeakSet<Socket>();
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
  });
  server.on('request', (request, response) => {
    const { socket } = request;
    if (closing.has(socket)) return;
    const status = refusalOf(request);
    if (status === undefined && resident !== undefined) resident.serve(request, response);
    else
      response
        .setHeader('connection', 'close')
        .writeHead(status ?? 503)
        .end();
    if (isLast(response)) closing.add(socket);
    else response.once('finish', () => isLast(response) && closing.add(socket));
  });
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => socket.destroy());
    const entry = admit(request, resident);
    if (typeof entry === 'number') refuse(socket, entry);
    else {
      wss.handleUpgrade(request, socket, head, (ws) => {
        entry.accept(new LinkSocket(ws, socket as Socket, false, limits));
      });
    }
  });
  server.on('connect', (_request, socket) => refuse(socket, 405));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => {
      const { port } = server.address() as AddressInfo;
      const settle = (next: Resident): void => {
        resident = next;
      };
      resolve({ server, port, settle });
    });
  });
}

/** The link that a handshake may join, or the HTTP status that refuses it. */
function admit(request: IncomingMessage, resident: Resident | undefined) {
  const refusal = refusalOf(request);
  if (refusal !== undefined) return refusal;
  if (request.url !== LINK_PATH) return 404;
  const rank = resident?.rankOf(request.headers.authorization);
  if (resident === undefined || rank === undefined) return 401;
  const handshake = readHandshake(request.headers);
  if (handshake === undefined) return 400;
  const link = resident.links.match(handshake);
  return link !== undefined && link.order.peer.role === rank ? link : 403;
}

/**
 * A page in a browser gets nowhere: neither by a name that resolves to us, nor from its origin. A
 * request that could be read as one to two hosts is malformed (RFC 9112, section 3.2).
 */
function refusalOf(request: IncomingMessage): number | undefined {
  const { localPort = 0 } = request.socket;
  const { host, origin } = request.headers;
  if (!isForOneHost(request)) return 400;
  return isOwnHost(host, localPort) && isOwnOrigin(origin, localPort) ? undefined : 403;
}

/** Only the field `Host`, which is there once, says for whom a request is; its target is a path. */
function isForOneHost({ rawHeaders, url }: IncomingMessage): boolean {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const hosts = names.filter((name) => name.toLowerCase() === 'host');
  return hosts.length <= 1 && url?.startsWith('/') === true;
}

/** Whether the connection ends behind this answer. */
function isLast(response: ServerResponse): boolean {
  return response.writableEnded && response.getHeader('connection') === 'close';
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Connections that have not become links are few. */
function limitSockets(server: Server, most: number): void {
  const plain = new Set<Duplex>();
  server.on('connection', (socket: Socket) => {
    if (plain.size >= most) {
      socket.destroy();
      return;
    }
    plain.add(socket);
    socket.once('close', () => plain.delete(socket));
  });
  server.on('upgrade', (_request, socket: Duplex) => plain.delete(socket));
}
