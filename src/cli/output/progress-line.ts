import type { Progress } from '../../shared/progress.js';
import { displayWidth } from '../text/display-width.js';
import { fitName, fitText } from '../text/fit-text.js';
import { formatBytes } from '../text/format-bytes.js';
import { formatCount, formatShortCount } from '../text/format-count.js';
import { formatDuration } from '../text/format-duration.js';
import { printableText } from '../text/printable-text.js';
import type { Pace } from './pace-meter.js';

/** What each phase is called. */
export const PHASE_VERBS: Readonly<Record<Progress['phase'], string>> = {
  resolve: 'asking for',
  download: 'fetching',
  verify: 'checking',
  calibrate: 'calibrating',
  quantize: 'quantising',
  evaluate: 'evaluating',
  convert: 'converting',
  load: 'loading',
  embed: 'embedding',
  validate: 'validating',
  search: 'searching',
  compare: 'comparing',
  measure: 'measuring',
};

/** What a line shows; columns of the bar and at most so many of the subject. */
interface Layout {
  readonly bar: number;
  readonly subject: number;
  readonly count: 'whole' | 'short' | 'none';
  readonly rate: boolean;
  readonly tokens: boolean;
}

/** How a line gives way where it is too long, step by step. How far and how long are the last to go. */
const REDUCTIONS: readonly Partial<Layout>[] = [
  { bar: 8 },
  { bar: 5 },
  { count: 'short' },
  { subject: 18 },
  { bar: 0 },
  { subject: 10 },
  { tokens: false },
  { count: 'none' },
  { rate: false },
];

/** A progress bar with figures in at most so many columns: how far, how much, how fast, how long yet. */
export function progressLine(progress: Progress, pace: Pace, columns: number): string {
  let layout: Layout = { bar: 14, subject: 26, count: 'whole', rate: true, tokens: true };
  let line = lineOf(progress, pace, layout);
  for (const reduction of REDUCTIONS) {
    if (displayWidth(line) <= columns) return line;
    layout = { ...layout, ...reduction };
    line = lineOf(progress, pace, layout);
  }
  return fitText(line, columns);
}

/** The same figures without a bar, whole, for a log. */
export function progressFacts(progress: Progress, pace: Pace): string {
  return lineOf(progress, pace, { bar: 0, subject: Infinity, count: 'whole', rate: true, tokens: true });
}

function lineOf({ phase, subject, done, total, unit }: Progress, pace: Pace, layout: Layout): string {
  const parts = [PHASE_VERBS[phase], fitName(printableText(subject), layout.subject)];
  if (unit === 'steps') return parts.join(' ');
  const bytes = unit === 'bytes';
  if (total !== undefined && total > 0) {
    const share = Math.min(done / total, 1);
    if (layout.bar > 0) {
      const full = Math.round(share * layout.bar);
      parts.push('█'.repeat(full) + '░'.repeat(layout.bar - full));
    }
    // Rounded down: only what is done is 100 %.
    parts.push(`${Math.floor(share * 100)}%`);
  }
  if (layout.count !== 'none' && (done > 0 || total !== undefined)) {
    const count = layout.count === 'whole' ? formatCount(done) : formatShortCount(done);
    parts.push(bytes ? formatBytes(done) : `${count} ${unit}`);
  }
  const { perSecond, tokensPerSecond, secondsLeft } = pace;
  if (layout.rate && perSecond !== undefined && perSecond > 0) {
    parts.push(`${bytes ? formatBytes(Math.round(perSecond)) : formatRate(perSecond)}/s`);
  }
  if (layout.tokens && tokensPerSecond !== undefined && tokensPerSecond > 0) {
    parts.push(`${formatShortCount(Math.round(tokensPerSecond))} tokens/s`);
  }
  if (secondsLeft !== undefined) parts.push(`${formatDuration(secondsLeft)} left`);
  return parts.join(' ');
}

function formatRate(perSecond: number): string {
  return perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond);
}
