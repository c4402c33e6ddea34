import { IsovecError } from '../../shared/isovec-error.js';
import type { Sla } from './parse-sla.js';

/** What an SLA is held against: the figures of one measurement. */
export interface JudgedFigures {
  readonly part: string;
  /** In which way calls were sent, in a few words. */
  readonly load: string;
  /** Milliseconds; null if no call was answered. */
  readonly latency: Readonly<Record<'p50' | 'p95' | 'p99' | 'max', number>> | null;
  readonly textsPerSecond: number;
  readonly calls: number;
  readonly failed: number;
}

/** Whether one measurement kept one SLA. */
export interface SlaVerdict {
  readonly sla: string;
  readonly part: string;
  readonly load: string;
  readonly metric: Sla['metric'];
  /** In the unit of the limit; null where there is no figure, because no call was answered. */
  readonly value: number | null;
  readonly limit: number;
  readonly passed: boolean;
}

/** No failed call is accepted unless an SLA says how many are. */
const NO_ERRORS: Sla = { text: 'errors=0', part: undefined, metric: 'errors', limit: 0, isShare: false };

/**
 * Holds every measurement against every SLA about it, in their order. A measurement without a figure fails. Without an
 * SLA about errors none may be there. CONFIG_INVALID for an SLA about a part that was not measured.
 */
export function judgeSlas(slas: readonly Sla[], measurements: readonly JudgedFigures[]): SlaVerdict[] {
  const parts = new Set(measurements.map(({ part }) => part));
  for (const { part, text } of slas) {
    if (part === undefined || parts.has(part)) continue;
    throw new IsovecError(
      'CONFIG_INVALID',
      `The SLA ${JSON.stringify(text)} is about a part that this workload does not have; it has ${[...parts].join(', ')}.`,
      { data: { sla: text } },
    );
  }
  const all = slas.some(({ metric }) => metric === 'errors') ? slas : [...slas, NO_ERRORS];
  return all.flatMap((sla) =>
    measurements
      .filter(({ part }) => sla.part === undefined || sla.part === part)
      .map((measurement): SlaVerdict => {
        const value = valueOf(sla, measurement);
        const kept = value !== null && (sla.metric === 'throughput' ? value >= sla.limit : value <= sla.limit);
        const { part, load } = measurement;
        return { sla: sla.text, part, load, metric: sla.metric, value, limit: sla.limit, passed: kept };
      }),
  );
}

function valueOf({ metric, isShare }: Sla, figures: JudgedFigures): number | null {
  switch (metric) {
    case 'throughput':
      return figures.textsPerSecond;
    case 'errors':
      return isShare ? (figures.calls === 0 ? null : figures.failed / figures.calls) : figures.failed;
    case 'p50':
    case 'p95':
    case 'p99':
    case 'max':
      return figures.latency === null ? null : figures.latency[metric];
  }
}
