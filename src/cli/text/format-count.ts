/** A whole number with its thousands apart: `1,000,000`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ',');
}

/** A number in two to three digits: `812`, `9.1k`, `23k`, `4.5M`. */
export function formatShortCount(count: number): string {
  let value = count;
  let unit = '';
  for (const larger of ['k', 'M', 'G']) {
    if (value < 999.5) break;
    value /= 1000;
    unit = larger;
  }
  const digits = value >= 9.95 || (unit === '' && Number.isInteger(value)) ? 0 : 1;
  return `${value.toFixed(digits)}${unit}`;
}
