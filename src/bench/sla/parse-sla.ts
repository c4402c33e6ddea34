import { IsovecError } from '../../shared/isovec-error.js';

/** What an SLA may limit. */
export type SlaMetric = 'p50' | 'p95' | 'p99' | 'max' | 'throughput' | 'errors';

/** One limit that figures must keep. */
export interface Sla {
  /** As it was written. */
  readonly text: string;
  /** The part of the workload that it is about; undefined for every part. */
  readonly part: string | undefined;
  readonly metric: SlaMetric;
  /** Milliseconds of a latency, texts a second of throughput, failed calls or their share of errors. */
  readonly limit: number;
  /** Whether `limit` is a share of the calls, from 0 to 1. */
  readonly isShare: boolean;
}

const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };
const NUMBER = String.raw`(\d+(?:\.\d+)?)`;
const LATENCY = new RegExp(`^${NUMBER}(us|ms|s)$`);
const THROUGHPUT = new RegExp(`^${NUMBER}(?:/s)?$`);
const SHARE = new RegExp(`^${NUMBER}%$`);

/**
 * Reads an SLA: `p95=20ms`, `p99=1.5s`, `throughput=200` (texts a second, at least), `errors=3` or `errors=0.1%`. In front
 * may stand the part of the workload that it is about: `single:p95=20ms`. CONFIG_INVALID naming the rule that is broken.
 */
export function parseSla(text: string): Sla {
  const refuse = (rule: string): IsovecError =>
    new IsovecError('CONFIG_INVALID', `The SLA ${JSON.stringify(text.slice(0, 80))} is not valid. ${rule}`, {
      data: { sla: text.slice(0, 80) },
    });
  const [, part, metric, value = ''] = /^(?:([^:=]+):)?([^:=]*)=(.*)$/.exec(text.trim()) ?? [];
  if (metric === undefined) throw refuse('It must be METRIC=LIMIT or PART:METRIC=LIMIT, such as p95=20ms.');
  const sla = { text: text.trim(), part: part?.trim() };
  switch (metric) {
    case 'p50':
    case 'p95':
    case 'p99':
    case 'max': {
      const [, number, unit = ''] = LATENCY.exec(value) ?? [];
      if (number === undefined) throw refuse(`The limit of ${metric} must be a number with us, ms or s: 20ms.`);
      const limit = Number(number) * (MILLISECONDS[unit] ?? Number.NaN);
      if (limit === 0) throw refuse(`The limit of ${metric} must be above 0: nothing takes no time.`);
      return { ...sla, metric, limit, isShare: false };
    }
    case 'throughput': {
      const [, number] = THROUGHPUT.exec(value) ?? [];
      if (number === undefined) throw refuse('The limit of throughput must be texts a second, a number: 200.');
      return { ...sla, metric, limit: Number(number), isShare: false };
    }
    case 'errors': {
      const [, share] = SHARE.exec(value) ?? [];
      if (share !== undefined && Number(share) <= 100) {
        return { ...sla, metric, limit: Number(share) / 100, isShare: true };
      }
      if (!/^\d+$/.test(value)) {
        throw refuse('The limit of errors must be a whole number of calls or at most 100%: 0, or 0.1%.');
      }
      return { ...sla, metric, limit: Number(value), isShare: false };
    }
    default:
      throw refuse(
        `There is no metric ${JSON.stringify(metric)}; there are p50, p95, p99, max, throughput and errors.`,
      );
  }
}
