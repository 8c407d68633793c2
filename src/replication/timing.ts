// How long the chain protocol waits for what, in milliseconds. With one server silent, operations
// resume SUSPECT_MS + REACH_MS after the first of them met the silence: within an operation's
// deadline.

/** One call between neighbours, or of a server for a client; then it is made again. */
export const CALL_MS = 500;
/** Between a failed call and the next. */
export const RETRY_MS = 50;
/** How long a server fails to answer before it is reported. A link known to be cut is at once. */
export const SUSPECT_MS = 1_000;
/** How often one server is reported. */
export const REPORT_MS = 500;
/** How long the service waits for servers to say whom they reach, and how long they try. */
export const REACH_MS = 1_000;
export const PING_MS = 300;
export const PINGS = 3;
/** How often a server that is in no chain asks to be taken in. */
export const HELLO_MS = 250;
