// The bodies of requests to express: JSON only, and not too long.
import type { ErrorRequestHandler, RequestHandler } from 'express';

/** A web page needs a CORS preflight to send this type, and no preflight is ever answered. */
export const requireJson: RequestHandler = ({ headers }, response, next) => {
  const type = headers['content-type'] ?? '';
  const isJson = /^application\/json *(; *charset="?utf-8"? *)?$/i.test(type);
  if (isJson && headers['content-encoding'] === undefined) next();
  else response.set('connection', 'close').sendStatus(415);
};

/** Refuses a long body at once; express would read all of it first. */
export function readBody(mostBytes: number): RequestHandler {
  return (request, response, next) => {
    const parts: Buffer[] = [];
    let length = 0;
    const refuse = (): void => {
      request.removeAllListeners('data').pause();
      response.set('connection', 'close').sendStatus(413);
    };
    if (Number(request.headers['content-length'] ?? 0) > mostBytes) {
      refuse();
      return;
    }
    request.on('data', (part: Buffer) => {
      parts.push(part);
      length += part.length;
      if (length > mostBytes) refuse();
    });
    request.on('end', () => {
      request.body = Buffer.concat(parts);
      next();
    });
  };
}

export const wordError: ErrorRequestHandler = (error, _request, response, _next) => {
  const { status } = error as { status?: unknown };
  response.set('connection', 'close').sendStatus(typeof status === 'number' ? status : 500);
};
