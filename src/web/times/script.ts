// A configuration and requests to it as a script.
import { escapeControls } from '../../language/printable.ts';
import type { Launch } from './launch.ts';
import type { RequestOrder } from './requests.ts';

/** Above the ids of servers. */
const FIRST_CLIENT = 100;
/** So many requests are a line each; more of them are a workload. */
const MOST_LINES = 20;

/** Lines that the language takes, whatever the name and the value are. */
export function toScript(launch: Launch, order: RequestOrder): string {
  const { name, protocol, servers, settings, link } = launch;
  const ids = Array.from({ length: servers }, (_, id) => id);
  const atOnce = Math.min(order.atOnce, order.count);
  const clients = Array.from({ length: atOnce }, (_, index) => FIRST_CLIENT + index);
  const lines = [
    `# ${escapeControls(name)}: ${tell({ ...order, atOnce })}`,
    ['protocol', protocol, ...settings.map(([option, text]) => `${option}=${text}`)].join(' '),
    ...ids.map((id) => `joinServer ${id}`),
    ...clients.flatMap((client) => ids.map((id) => `joinClient ${client} ${id}`)),
    ...(link === '' ? [] : [`link all ${link}`]),
    ...toRequests({ ...order, atOnce }, clients),
  ];
  return `${lines.join('\n')}\n`;
}

function toRequests(order: RequestOrder, clients: readonly number[]): string[] {
  const { operation, count, atOnce } = order;
  if (count <= MOST_LINES) {
    return Array.from({ length: count }, (_, at) =>
      toLines(order, clients[at % atOnce] ?? 0),
    ).flat();
  }
  const reads = { get: '1', put: '0', pair: '0.5' }[operation];
  const ops = operation === 'pair' ? 2 * count : count;
  return [
    '# A workload has keys and values of its own.',
    `workload ops=${ops} keys=1 reads=${reads} inflight=${atOnce}`,
  ];
}

function toLines({ operation, key, value }: RequestOrder, client: number): string[] {
  const put = `put ${client} ${key} ${value === '' ? '""' : value}`;
  const get = `get ${client} ${key}`;
  return [...(operation === 'get' ? [] : [put]), ...(operation === 'put' ? [] : [get])];
}

function tell({ operation, count, atOnce }: RequestOrder): string {
  const what = operation === 'pair' ? 'puts, each with its get' : `${operation}s`;
  return `${count} ${what}, ${atOnce} at once`;
}
