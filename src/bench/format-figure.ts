/** A measured number with three significant digits and its thousands apart: `0.0123`, `4.56`, `78.9`, `12,300`. */
export function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(3));
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  if (magnitude < -4) return value.toExponential(2);
  return rounded.toFixed(Math.max(0, 2 - magnitude)).replaceAll(/(?<=^-?\d+)(?=(?:\d{3})+$)/g, ',');
}
