import type { Progress } from '../../shared/progress.js';
import { fitName, padAfter } from '../text/fit-text.js';
import { formatBytes } from '../text/format-bytes.js';

const BAR_COLUMNS = 14;
const SUBJECT_COLUMNS = 26;

/** What each phase is called. */
export const PHASE_VERBS: Readonly<Record<Progress['phase'], string>> = {
  resolve: 'asking for',
  download: 'fetching',
  verify: 'checking',
  convert: 'converting',
  load: 'loading',
  embed: 'embedding',
  validate: 'validating',
};

/** A progress bar with figures, in at most 79 columns, for a step that began `seconds` ago. */
export function progressLine(progress: Progress, seconds: number): string {
  const { phase, subject, done, total, unit } = progress;
  const head = `${PHASE_VERBS[phase]} ${fitName(subject, SUBJECT_COLUMNS)}`;
  const size = (value: number): string => (unit === 'bytes' ? formatBytes(value) : `${value} ${unit}`);
  const rate = seconds > 0.5 && done > 0 ? done / seconds : undefined;
  const speed = rate === undefined || unit === 'steps' ? '' : ` ${size(Math.round(rate))}/s`;
  if (total === undefined || total === 0) return done === 0 ? head : `${head} ${size(done)}${speed}`;
  if (unit === 'steps') return head;
  const share = Math.min(done / total, 1);
  const bar = padAfter('█'.repeat(Math.round(share * BAR_COLUMNS)), BAR_COLUMNS).replaceAll(' ', '░');
  const left = rate === undefined ? '' : ` ${Math.ceil((total - done) / rate)} s`;
  return `${head} ${bar} ${size(done)}${speed}${left}`;
}
