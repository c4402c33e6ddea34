import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { RequestArrival } from '#src/server/observation/request-arrival.js';
import { RequestSpan } from '#src/server/observation/request-span.js';
import { traceIdOf } from '#src/server/observation/trace-parent.js';
import { describe, expect, it, onTestFinished } from 'vitest';

import { testServer } from './support/running-server.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const HEADERS = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=1' };

/** The SDK of OpenTelemetry as a program would set it up; gone after the test. */
function startSdk(): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const manager = new AsyncLocalStorageContextManager().enable();
  expect(trace.setGlobalTracerProvider(provider)).toBe(true);
  expect(propagation.setGlobalPropagator(new W3CTraceContextPropagator())).toBe(true);
  expect(context.setGlobalContextManager(manager)).toBe(true);
  onTestFinished(async () => {
    trace.disable();
    propagation.disable();
    context.disable();
    await provider.shutdown();
  });
  return exporter;
}

describe('a span of a request', () => {
  it('belongs to the trace of its header, and says what was done and not on what', async () => {
    const exporter = startSdk();
    const { post, model } = await testServer();
    const texts = ['a secret text', 'the old harbour '.repeat(400)];
    const tokenized = await model.tokens.encode(texts);
    const tokens = tokenized.texts.reduce((sum, { fullTokenCount }) => sum + fullTokenCount, 0);
    const answer = await post('/embed', { texts }, HEADERS);
    const [span, ...more] = exporter.getFinishedSpans();
    expect(more).toEqual([]);
    expect(span?.name).toBe('POST /embed');
    expect(span?.kind).toBe(SpanKind.SERVER);
    expect(span?.spanContext().traceId).toBe(TRACE);
    expect(span?.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: PARENT, isRemote: true });
    expect(span?.status.code).toBe(SpanStatusCode.UNSET);
    expect(span?.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/embed',
      'http.response.status_code': 200,
      'url.path': '/embed',
      'url.scheme': 'http',
      'network.protocol.version': '1.1',
      'isovec.request_id': answer.headers.get('x-request-id'),
      'isovec.model': 'tiny',
      'isovec.texts': 2,
      'isovec.tokens': tokens,
      'isovec.truncated': 1,
      'isovec.tokenize_ms': Number(answer.headers.get('x-isovec-tokenize-ms')),
      'isovec.queue_ms': Number(answer.headers.get('x-isovec-queue-ms')),
      'isovec.inference_ms': Number(answer.headers.get('x-isovec-inference-ms')),
    });
    expect(JSON.stringify([span?.attributes, span?.events])).not.toMatch(/secret|harbour/);
  });

  it('begins a trace where the request names none, or names it wrongly', async () => {
    const exporter = startSdk();
    const { get } = await testServer();
    await get('/info');
    await get('/info', { headers: { traceparent: `00-${'0'.repeat(32)}-${PARENT}-01` } });
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ parentSpanContext }) => parentSpanContext)).toEqual([undefined, undefined]);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(2);
  });

  it('is an error for a failure of the server, and for none of the client', async () => {
    const exporter = startSdk();
    const { post, get, model } = await testServer();
    await post('/embed', { texts: 5 });
    await get('/a/secret/path?key=secret');
    await post('/embed', { texts: new Array(2000).fill('the river') }, { 'x-request-timeout-ms': '1' });
    await model.close();
    await post('/embed', { texts: ['a'] });
    const [bad, unknown, expired, closed] = exporter.getFinishedSpans();
    expect(bad?.status.code).toBe(SpanStatusCode.UNSET);
    expect(bad?.attributes).toMatchObject({ 'http.response.status_code': 400, 'isovec.error_code': 'INPUT_INVALID' });
    expect(unknown?.name).toBe('GET');
    expect(JSON.stringify(unknown?.attributes)).not.toContain('secret');
    for (const [span, status, code] of [
      [expired, 504, 'DEADLINE_EXCEEDED'],
      [closed, 503, 'CLOSED'],
    ] as const) {
      expect(span?.status.code).toBe(SpanStatusCode.ERROR);
      expect(span?.attributes).toMatchObject({ 'http.response.status_code': status, 'error.type': code });
    }
  });

  it('is part of the span that is active, where an instrumentation was before us', () => {
    const exporter = startSdk();
    const outer = trace.getTracer('test').startSpan('outer', { kind: SpanKind.SERVER });
    const arrival: RequestArrival = {
      protocol: 'http',
      route: '/embed',
      method: 'POST',
      requestId: 'one',
      spanName: 'POST /embed',
      headers: HEADERS,
      attributes: {},
    };
    context.with(trace.setSpan(context.active(), outer), () => {
      new RequestSpan(arrival).end({}, false);
    });
    const [span] = exporter.getFinishedSpans();
    expect([span?.kind, span?.parentSpanContext?.spanId]).toEqual([SpanKind.INTERNAL, outer.spanContext().spanId]);
  });

  it('changes no answer', async () => {
    const { post } = await testServer();
    const ask = async (): Promise<unknown> => (await post('/embed', { inputs: ['a', 'b c'] }, HEADERS)).body;
    const without = await ask();
    const exporter = startSdk();
    expect(await ask()).toEqual(without);
    expect(exporter.getFinishedSpans()).toHaveLength(1);
  });
});

it.each([
  [`00-${TRACE}-${PARENT}-01`, TRACE],
  [`01-${TRACE}-${PARENT}-01-more`, TRACE],
  [`ff-${TRACE}-${PARENT}-01`, undefined],
  [`00-${'0'.repeat(32)}-${PARENT}-01`, undefined],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  [`00-${TRACE.toUpperCase()}-${PARENT}-01`, undefined],
  [`00-${TRACE}-${PARENT}-01more`, undefined],
  ['nonsense', undefined],
  [undefined, undefined],
])('the header %s names the trace %s', (header, expected) => {
  expect(traceIdOf(header)).toBe(expected);
});
