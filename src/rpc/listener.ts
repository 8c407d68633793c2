// The single port of a node: HTTP for people, and the handshakes of links. It opens before the
// process is assigned to a node, and refuses all requests until then.
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

/**
 * The literal address: a name could resolve to another one, and no address means all interfaces.
 */
const LOOPBACK = '127.0.0.1';

/** Links and connections that may become one; far more than one run can have. */
const MAX_CONNECTIONS = 1_024;

/** After this many requests a connection is closed; its client may open another. */
const REQUESTS_PER_CONNECTION = 1_000;

/** How often the two request timeouts are checked. */
const TIMEOUT_CHECKS_MS = 500;

/** Handles the requests that pass the listener. */
export interface RequestHandler {
  /** Whose handshakes are accepted; absent if no link ends here. */
  readonly links?: Links;
  rankOf?(authorization: unknown): Rank | undefined;
  /** Answers one HTTP request that the listener has accepted. */
  serve(request: IncomingMessage, response: ServerResponse): void;
}

export interface Listener {
  readonly server: Server;
  /** From now on requests are answered by this handler. */
  setHandler(handler: RequestHandler): void;
}

/**
 * Resolves when the port is open; for port 0 the system picks one. Rejects as `listen` does.
 */
export function openListener(
  limits: RpcLimits,
  asked = 0,
): Promise<Listener & { readonly port: number }> {
  let handler: RequestHandler | undefined;
  const server = createServer({
    headersTimeout: limits.headerTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: TIMEOUT_CHECKS_MS,
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  limitSockets(server, limits.sockets);
  // After an answer that closes its connection, later requests on it are ignored: their answers
  // could not be delivered. A flood may have hundreds of them in one chunk.
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
    if (status === undefined && handler !== undefined) handler.serve(request, response);
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
    const entry = admit(request, handler);
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
    server.listen(asked, LOOPBACK, () => {
      const { port } = server.address() as AddressInfo;
      const setHandler = (next: RequestHandler): void => {
        handler = next;
      };
      resolve({ server, port, setHandler });
    });
  });
}

/** The link that a handshake may join, or the HTTP status that refuses it. */
function admit(request: IncomingMessage, handler: RequestHandler | undefined) {
  const refusal = refusalOf(request);
  if (refusal !== undefined) return refusal;
  if (request.url !== LINK_PATH) return 404;
  const rank = handler?.rankOf?.(request.headers.authorization);
  if (rank === undefined) return 401;
  const handshake = readHandshake(request.headers);
  if (handshake === undefined) return 400;
  const link = handler?.links?.match(handshake);
  return link !== undefined && link.order.peer.role === rank ? link : 403;
}

/**
 * Refuses requests of web pages: those that use another host name for this node, and those of
 * another origin. A request that could name two hosts is malformed (RFC 9112, section 3.2).
 */
function refusalOf(request: IncomingMessage): number | undefined {
  const { localPort = 0 } = request.socket;
  const { host, origin } = request.headers;
  if (!isForOneHost(request)) return 400;
  return isOwnHost(host, localPort) && isOwnOrigin(origin, localPort) ? undefined : 403;
}

/** True if only a single field `Host` names the host, and the target is a path. */
function isForOneHost({ rawHeaders, url }: IncomingMessage): boolean {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  const hosts = names.filter((name) => name.toLowerCase() === 'host');
  return hosts.length <= 1 && url?.startsWith('/') === true;
}

/** Whether the connection ends after this answer. */
function isLast(response: ServerResponse): boolean {
  return response.writableEnded && response.getHeader('connection') === 'close';
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Limits the number of connections that have not become links. */
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
