import {
  type Attributes,
  context,
  isSpanContextValid,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { RequestArrival } from './request-arrival.js';
import { traceIdOf } from './trace-parent.js';

const TRACER = 'isovec';

/**
 * The span of a request. The program that runs the server brings the SDK of OpenTelemetry; without one a span does
 * nothing. It is the child of what is active already, where an instrumentation of Node's own HTTP server was before us, or
 * of what the request's headers name.
 */
export class RequestSpan {
  readonly #span: Span;
  /** The trace that the request belongs to; undefined where nobody traces. */
  readonly traceId: string | undefined;

  constructor({ spanName, headers, attributes }: RequestArrival) {
    const active = context.active();
    const isInstrumented = trace.getSpan(active) !== undefined;
    this.#span = trace
      .getTracer(TRACER)
      .startSpan(
        spanName,
        { kind: isInstrumented ? SpanKind.INTERNAL : SpanKind.SERVER, attributes },
        isInstrumented ? active : propagation.extract(active, headers),
      );
    const own = this.#span.spanContext();
    this.traceId = isSpanContextValid(own) ? own.traceId : traceIdOf(headers['traceparent']);
  }

  /** Ends the span; a failure of the server makes its status an error. */
  end(attributes: Attributes, isFailure: boolean): void {
    this.#span.setAttributes(attributes);
    if (isFailure) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end();
  }
}
