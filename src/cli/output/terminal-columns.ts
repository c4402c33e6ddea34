const DEFAULT_COLUMNS = 80;
/** Below this tables lose their meaning; above it lines are hard to follow. */
const LEAST_COLUMNS = 40;
const MOST_COLUMNS = 160;

/** Columns to write for: the terminal's own, else those that COLUMNS says, else 80. */
export function terminalColumns(
  stream: { readonly columns?: number },
  environment: Readonly<Record<string, string | undefined>>,
): number {
  const said = Number.parseInt(environment['COLUMNS'] ?? '', 10);
  // A terminal that was never told its size says 0.
  const own = stream.columns ?? 0;
  const columns = own > 0 ? own : said > 0 ? said : DEFAULT_COLUMNS;
  return Math.min(Math.max(columns, LEAST_COLUMNS), MOST_COLUMNS);
}
