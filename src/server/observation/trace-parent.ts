/** The form of the header, version 00 or what follows it (W3C Trace Context, 3.2 and 4.3). */
const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-|$)/;

/** The trace that a request belongs to by its traceparent header, so that log lines tell it without an SDK, too. */
export function traceIdOf(header: unknown): string | undefined {
  return typeof header === 'string' ? TRACE_PARENT.exec(header)?.[1] : undefined;
}
