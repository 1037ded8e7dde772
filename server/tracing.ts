// Spans for OpenTelemetry, where a deployment asks for them: exchanges, what they keep, what they ask of the registry, under the trace id
// that the audit has. Nothing is loaded otherwise. The door to @opentelemetry/api. docs/decisions/0255.
import type { Context, Span, SpanContext, Tracer } from '@opentelemetry/api'
import type { Trace } from './actor.js'
import { traceparentOf, traceparentParts } from './trace.js'

type Api = typeof import('@opentelemetry/api')

/** What is said of a piece of work when it has ended; never of a patient or a document. */
export interface Ended {
  name?: string
  attributes?: Record<string, string | undefined>
  /** In words, where it did not do what it was for. */
  failure?: string | undefined
}

export interface TracedExchange {
  /** In place of one that the service makes itself. */
  trace: Trace
  /** Whatever `work` does belongs to it. */
  within<Result>(work: () => Promise<Result>): Promise<Result>
  end(how: Ended): void
}

export interface Tracing {
  /** Of a request with this traceparent; undefined when nobody collects spans. */
  begin(traceparent: string | undefined): TracedExchange | undefined
  /** A request that we send for the one with this traceparent; `work` sends another, which leads to this. */
  call<Result>(
    name: string,
    traceparent: string,
    work: (traceparent: string) => Promise<Result>,
    endedBy: (result: Result) => Ended,
  ): Promise<Result>
  /** The same value, whose methods named here are each a step of the exchange that is under way. */
  steps<Of extends object>(of: Of, names: Partial<Record<keyof Of, string>>): Of
}

/** @throws where there is no @opentelemetry/api */
export async function openTracing(service: string): Promise<Tracing> {
  return tracingBy(await import('@opentelemetry/api'), `carnet-${service}`)
}

function tracingBy(api: Api, scope: string): Tracing {
  const tracer = api.trace.getTracer(scope)
  return {
    begin(traceparent) {
      const parent = remote(traceparent, api)
      const context = parent === undefined ? api.ROOT_CONTEXT : api.trace.setSpanContext(api.ROOT_CONTEXT, parent)
      const span = tracer.startSpan('exchange', { kind: api.SpanKind.SERVER }, context)
      const own = span.spanContext()
      // Without an SDK a span is nothing, or its parent again.
      if (!api.isSpanContextValid(own) || own.spanId === parent?.spanId) return undefined
      return {
        trace: traceOfSpan(own),
        within: work => api.context.with(api.trace.setSpan(context, span), work),
        end: how => end(span, how, api),
      }
    },

    async call(name, traceparent, work, endedBy) {
      const parent = remote(traceparent, api)
      if (parent === undefined) return work(traceparent)
      const context = api.trace.setSpanContext(api.ROOT_CONTEXT, parent)
      const span = tracer.startSpan(name, { kind: api.SpanKind.CLIENT }, context)
      return ended(span, () => work(traceOfSpan(span.spanContext()).traceparent), endedBy, api)
    },

    steps(of, names) {
      const stepping = Object.defineProperties({}, Object.getOwnPropertyDescriptors(of)) as typeof of
      for (const [method, name] of Object.entries(names) as [keyof typeof of, string][]) {
        const work = of[method] as (...args: unknown[]) => Promise<unknown>
        const step = (...args: unknown[]) => asStep(name, () => work.apply(of, args), tracer, api)
        Object.defineProperty(stepping, method, { value: step, enumerable: true })
      }
      return stepping
    },
  }
}

/** Work of nobody's exchange, as that of the resolver, is no step. */
function asStep<Result>(name: string, work: () => Promise<Result>, tracer: Tracer, api: Api): Promise<Result> {
  const context: Context = api.context.active()
  if (api.trace.getSpan(context) === undefined) return work()
  return ended(tracer.startSpan(name, {}, context), work, () => ({}), api)
}

async function ended<Result>(
  span: Span,
  work: () => Promise<Result>,
  endedBy: (result: Result) => Ended,
  api: Api,
): Promise<Result> {
  try {
    const result = await work()
    end(span, endedBy(result), api)
    return result
  } catch (problem) {
    // Its class alone: a message may name what nobody is to see.
    end(span, { failure: problem instanceof Error ? problem.name : 'failed' }, api)
    throw problem
  }
}

function end(span: Span, { name, attributes = {}, failure }: Ended, api: Api): void {
  if (name !== undefined) span.updateName(name)
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) span.setAttribute(key, value)
  if (failure !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR, message: failure })
  span.end()
}

function remote(traceparent: string | undefined, { TraceFlags }: Api): SpanContext | undefined {
  const parts = traceparentParts(traceparent)
  if (parts === undefined) return undefined
  const { traceId, parentId, flags } = parts
  return { traceId, spanId: parentId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
}

function traceOfSpan({ traceId, spanId, traceFlags }: SpanContext): Trace {
  const traceparent = traceparentOf({ traceId, parentId: spanId, flags: traceFlags.toString(16).padStart(2, '0') })
  // What is sent on has a span of its own, and that its own parent-id.
  return { traceId, traceparent, next: () => traceparent }
}
