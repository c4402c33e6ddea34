import { IMAGE_VARIANTS, type ImageVariant, REFERENCE_BYTES, SIZE_BUDGETS } from './image-contents.js';
import type { WrittenLayer } from './oci-layout.js';

/** Sizes of images by layer, in megabytes of 10^6 bytes, with their budgets and what others weigh, as Markdown. */
export function sizeTable(images: ReadonlyMap<ImageVariant, readonly WrittenLayer[]>): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const rows: string[][] = [['layer', 'files', 'MB', 'compressed MB']];
  const first = [...images.values()].flat();
  const seen = new Set<string>();
  for (const [variant, layers] of images) {
    for (const { name, files, bytes, compressed, diffId } of layers) {
      if (seen.has(diffId)) continue;
      seen.add(diffId);
      rows.push([
        name === 'model' ? `model, ${variant}` : name,
        String(files),
        megabytes(bytes),
        megabytes(compressed),
      ]);
    }
  }
  const totals: string[][] = [
    ['image', 'MB', 'at most', 'compressed MB', ...Object.keys(REFERENCE_BYTES).map((name) => `of ${name}`)],
  ];
  for (const variant of IMAGE_VARIANTS) {
    const layers = images.get(variant);
    if (layers === undefined) continue;
    const total = sum(layers, ({ bytes }) => bytes);
    const shares = Object.values(REFERENCE_BYTES).map((reference) => `${((100 * total) / reference).toFixed(0)} %`);
    const compressed = sum(layers, (layer) => layer.compressed);
    totals.push([variant, megabytes(total), megabytes(SIZE_BUDGETS[variant]), megabytes(compressed), ...shares]);
  }
  return first.length === 0 ? '' : `${markdownTable(rows)}\n\n${markdownTable(totals)}`;
}

function sum(layers: readonly WrittenLayer[], of: (layer: WrittenLayer) => number): number {
  return layers.reduce((total, layer) => total + of(layer), 0);
}

/** Rows as a Markdown table; the first is its head. */
export function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
