import type { ErrorCode, ErrorTableRow } from '../../src/shared/error-table.js';

/** A page, by its path in the site, and its text. */
export interface PageText {
  readonly path: string;
  readonly title: string;
  readonly markdown: string;
}

/** A section for each error code, so that a search finds it by its name: what the table says, and the pages that explain it. */
export function errorSections(table: Readonly<Record<ErrorCode, ErrorTableRow>>, pages: readonly PageText[]): string {
  return Object.entries(table)
    .flatMap(([code, { meaning, http, grpc, retryable, fallback }]) => {
      const naming = pages.filter(({ markdown }) => new RegExp(`\\b${code}\\b`).test(markdown));
      const links = naming.map(({ path, title }) => `[${title}](../${path})`);
      return [
        `## ${code}`,
        '',
        `${meaning} HTTP ${http}, gRPC ${grpc}. ${retryable ? 'The same request may succeed later.' : 'The same request fails again.'}` +
          (fallback ? ' A chain of providers asks its next member.' : ''),
        '',
        ...(links.length === 0 ? [] : [`Explained in: ${links.join(', ')}.`, '']),
      ];
    })
    .join('\n');
}
