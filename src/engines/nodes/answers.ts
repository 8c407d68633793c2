// A client's requests, and what the replies to them say about their outcome. Synchronous.
import type { Answer } from '../../kernel/control.ts';
import { meaningOf } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { unanswered } from '../../replication/attempts.ts';
import { answerOfCas } from '../../replication/compareAndSet.ts';
import { CODE, errorOf } from './errors.ts';
import { type Body, toJson, toText } from './wire.ts';

/** An operation of the workload lin-kv. */
export type Request =
  | { readonly type: 'read'; readonly key: string }
  | { readonly type: 'write'; readonly key: string; readonly value: string }
  | { readonly type: 'cas'; readonly key: string; readonly from: string; readonly to: string };

export function toBody(request: Request, msgId: number, asNumbers: boolean): Body {
  const { type, ...texts } = request;
  const fields = Object.entries(texts).map(([name, text]) => [name, toJson(text, asNumbers)]);
  return { type, msg_id: msgId, ...Object.fromEntries(fields) };
}

/** A request that reached no server. */
export const NOT_SENT: Answer = unanswered({ outcome: 'fail' });
/** A request without a reply in time. */
export const NO_REPLY: Answer = unanswered({ outcome: 'unknown' });

export function toAnswer(request: Request, server: NodeId, body: Body): Answer {
  if (body.type === 'error') return toRefusal(request, server, body);
  const about = { server, version: null, applied: null };
  if (body.type !== `${request.type}_ok`) return badReply(server, `the type ${show(body.type)}`);
  switch (request.type) {
    case 'write':
      return { outcome: 'ok', value: null, ...about };
    case 'cas':
      return answeredCas(request, server, { isSet: true, version: null });
    case 'read': {
      // A node without the key should answer with an error, but many answer null.
      if (body.value === null) return { outcome: 'absent', value: null, ...about };
      const value = toText(body.value);
      if (value === undefined) return badReply(server, `the value ${show(body.value)}`);
      return { outcome: 'ok', value, ...about };
    }
  }
}

/** Whether the request has certainly changed the store, or certainly not; undefined if neither. */
export function effectOf(request: Request, { outcome, isSet }: Answer): boolean | undefined {
  if (request.type === 'read' || outcome === 'unknown') return undefined;
  return outcome === 'ok' && isSet !== false;
}

function toRefusal(request: Request, server: NodeId, body: Body): Answer {
  const { code } = body;
  const about = { value: null, server, version: null, applied: null };
  if (code === CODE.noSuchKey && request.type === 'read') return { outcome: 'absent', ...about };
  if (request.type === 'cas') {
    const none = { isSet: false, version: null };
    if (code === CODE.notEqual) return answeredCas(request, server, none);
    const found = { value: null, version: null };
    if (code === CODE.noSuchKey) return answeredCas(request, server, { ...none, found });
  }
  const error = errorOf(code);
  const outcome = meaningOf(error).definite ? 'fail' : 'unknown';
  return { outcome, ...about, error, data: { code: code ?? null, text: body.text ?? null } };
}

function answeredCas(
  { to }: Extract<Request, { type: 'cas' }>,
  server: NodeId,
  decided: Parameters<typeof answerOfCas>[2],
): Answer {
  return { ...answerOfCas(server, to, decided), applied: null };
}

function badReply(server: NodeId, text: string): Answer {
  const about = { value: null, server, version: null, applied: null };
  return { outcome: 'unknown', ...about, error: 'ERR_BAD_REPLY', data: { code: null, text } };
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 40) ?? 'that is missing';
}
