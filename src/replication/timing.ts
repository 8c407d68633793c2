// The timeouts of the chain protocol, in milliseconds. If one server is silent, operations resume
// SUSPECT_MS + REACH_MS after the first call that it did not answer: within an operation's
// deadline.

/** Timeout of a call between neighbours, or of a server for a client. Then it is made again. */
export const CALL_MS = 500;
/** The pause between a failed call and the next. */
export const RETRY_MS = 50;
/** How long a server is silent before it is reported. A cut link is reported at once. */
export const SUSPECT_MS = 1_000;
/** The minimum time between two reports of one server. */
export const REPORT_MS = 500;
/** How long the service waits for the answers to `reach`. */
export const REACH_MS = 1_000;
/** The time between two pings for one `reach`. */
export const PING_MS = 300;
export const PINGS = 3;
/** The time between two `hello` of a server that lacks positions. */
export const HELLO_MS = 250;
