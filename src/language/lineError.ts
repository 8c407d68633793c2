// The errors of a script's lines. A bad line has no effect; the lines after it still run.

export const LINE_ERRORS = {
  E_ARGS: 'too few or too many words, or one that the command does not accept',
  E_BAD_ID: 'not an id: `0`, or a whole number up to 999999 without a leading zero',
  E_BAD_KEY: 'not a key of the protocol that runs',
  E_BAD_PAIR: 'two clients: there are links between servers, and between a client and a server',
  E_CONTROL_CHAR: 'a control character other than the tab, a lone carriage return for one',
  E_ENCODING: 'not UTF-8; after a NUL byte, or in UTF-16, nothing more is read',
  E_EXISTS: 'that server is alive',
  E_ID_IN_USE: 'a live node of the other kind has that id',
  E_INCLUDE: 'a file that cannot be included: not readable, or one that would include itself',
  E_LIMIT: 'too many of something at a time',
  E_LINE_TOO_LONG: 'more than 1 MiB in one line',
  E_NOT_A_SERVER: 'that id is a client',
  E_NOT_HERE: 'a command in a place where it makes no sense',
  E_NO_SUCH_CLIENT: 'no live client has that id',
  E_NO_SUCH_NODE: 'no live node has that id',
  E_NO_SUCH_SERVER: 'no live server has that id',
  E_SELF: 'a node and itself',
  E_TOO_LARGE: 'a key or a value over its limit',
  E_UNKNOWN_COMMAND: 'no such command; case matters',
  E_UNSUPPORTED:
    'a command of another protocol than the one that runs, one that it lacks, a log or a service ' +
    'that it lacks, or a protocol that this world cannot run',
} as const;

export type LineErrorCode = keyof typeof LINE_ERRORS;

/** Thrown when a line cannot be run, before it has any effect. */
export class LineError extends Error {
  readonly code: LineErrorCode;

  constructor(code: LineErrorCode, message: string) {
    super(message);
    this.name = 'LineError';
    this.code = code;
  }
}
