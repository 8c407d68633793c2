// Which events and operations a diagram shows.
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { KIND, type Model, NONE } from './model.ts';

export interface Filter {
  /** Undefined for all of them. */
  readonly nodes?: ReadonlySet<NodeId | 'master'> | undefined;
  readonly key?: string | undefined;
  readonly method?: string | undefined;
  /** Whether the messages of the master are shown. */
  readonly isControlShown: boolean;
}

export interface Shown {
  /** 1 for an event that is shown. */
  readonly events: Uint8Array;
  readonly operations: Uint8Array;
  /** The lanes from top to bottom. */
  readonly lanes: readonly number[];
}

/**
 * 1 for events that may take room, whatever nodes, key and method are asked for: so these filters
 * do not move what they leave. Operations begin and end with calls of the master.
 */
export function countEvents(model: Model, isControlShown: boolean): Uint8Array {
  const isCounted = new Uint8Array(model.events.length).fill(1);
  if (isControlShown) return isCounted;
  for (let index = 0; index < isCounted.length; index += 1) {
    if (model.isControl[index] === 1) isCounted[index] = 0;
  }
  for (const ends of [model.operations.begin, model.operations.end]) {
    for (const index of ends) if (index !== NONE) isCounted[index] = 1;
  }
  return isCounted;
}

export function applyFilter(model: Model, filter: Filter): Shown {
  const { nodes, key, method } = filter;
  const isLaneShown = model.lanes.map(({ node }) => nodes === undefined || nodes.has(node));
  const wanted = method === undefined ? NONE : model.methods.indexOf(method);
  const hasKey = key === undefined ? undefined : findKey(model, key);
  const events = new Uint8Array(model.events.length);
  for (let index = 0; index < events.length; index += 1) {
    if (!isLaneShown[model.lane[index] as number]) continue;
    if (model.isControl[index] === 1 && !filter.isControlShown) continue;
    const isMessage = model.method[index] !== NONE;
    if (isMessage && method !== undefined && model.method[index] !== wanted) continue;
    if (hasKey !== undefined && hasKey[index] === 0) continue;
    events[index] = 1;
  }
  const operations = new Uint8Array(model.history.length);
  for (const [index, operation] of model.history.entries()) {
    const lane = model.laneByNode.get(operation.session);
    const isKey = key === undefined || operation.key === key;
    if (lane !== undefined && isLaneShown[lane] && isKey) operations[index] = 1;
  }
  const lanes = model.lanes.flatMap((_, lane) => (isLaneShown[lane] ? [lane] : []));
  return { events, operations, lanes };
}

/** 1 for the messages and notes that contain the key; for what is neither, too. */
function findKey(model: Model, key: string): Uint8Array {
  const found = new Uint8Array(model.events.length);
  for (const [index, event] of model.events.entries()) {
    const send = event.event === 'send' ? index : (model.sendOf[index] as number);
    if (event.event === 'note') found[index] = hasText(event.detail, key) ? 1 : 0;
    else if (model.method[index] === NONE) found[index] = 1;
    else if (send !== NONE) found[index] = sendHasKey(model, send, key, found) ? 1 : 0;
  }
  return found;
}

/** A reply has no parameters of its own: it is about the key of its request. */
function sendHasKey(model: Model, send: number, key: string, found: Uint8Array): boolean {
  const request = model.requestOf[send] as number;
  if (request !== NONE) return found[request] === 1;
  const event = model.events[send];
  return event?.event === 'send' && event.params !== undefined && hasText(event.params, key);
}

/** Entries are arrays in some messages and objects in others, so any text of a message counts. */
function hasText(value: Json, text: string): boolean {
  if (typeof value === 'string') return value === text;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((part) => hasText(part, text));
  return Object.entries(value).some(([name, part]) => name === text || hasText(part, text));
}

/** The keys of operations, sorted. */
export function listKeys({ history }: Model): string[] {
  return [...new Set(history.map(({ key }) => key))].sort();
}

/** The methods between nodes, sorted. */
export function listMethods(model: Model, isControlShown: boolean): string[] {
  const used = new Set<number>();
  for (let index = 0; index < model.events.length; index += 1) {
    const isOwn = isControlShown || model.isControl[index] === 0;
    if (isOwn && model.kind[index] !== KIND.note) used.add(model.method[index] as number);
  }
  used.delete(NONE);
  return Array.from(used, (method) => model.methods[method] as string).sort();
}
