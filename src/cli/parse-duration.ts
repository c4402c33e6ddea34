import { InvalidArgumentError } from 'commander';

const UNIT_MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Reads the value of a flag that takes a length of time such as `30d`, in milliseconds. */
export function parseDuration(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,6})(ms|[smhdw])$/.exec(text) ?? [];
  const milliseconds = UNIT_MILLISECONDS[unit];
  if (milliseconds === undefined) {
    throw new InvalidArgumentError(
      'It must be a whole number with ms, s, m, h, d or w for its unit, milliseconds to weeks: 500ms, 10m, 30d.',
    );
  }
  return Number(digits) * milliseconds;
}
