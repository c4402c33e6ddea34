import path from 'node:path';

/** Documents at the root of the repository that are pages, and where. */
const ROOT_PAGES: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  'CHANGELOG.md': 'changelog.md',
  'ARCHITECTURE.md': 'architecture.md',
  'CONTRIBUTING.md': 'contributing.md',
  'REVIEW.md': 'review.md',
  'SECURITY.md': 'security.md',
};
/** Files that are copied beside the pages as they are. */
const IMAGES = /\.(svg|png|jpg)$/;

/** Whether a file of the repository is a page that is written for readers. */
export function isDocument(file: string): boolean {
  return file in ROOT_PAGES || (file.startsWith('docs/') && file.endsWith('.md'));
}

/** Whether a file of the repository is shown as a picture. */
export function isImage(file: string): boolean {
  return IMAGES.test(file);
}

/** Where a file or folder of the repository is in the site: documents as pages, all else that they link to as a page of its text. */
export function sitePath(file: string): string {
  const atRoot = ROOT_PAGES[file];
  if (atRoot !== undefined) return atRoot;
  const below = file.replace(/^docs\//, '');
  if (isImage(file)) return below;
  if (!isDocument(file)) return `files/${file}.md`;
  return path.posix.basename(below) === 'README.md' ? path.posix.join(path.posix.dirname(below), 'index.md') : below;
}

/** The documents of the root that are pages. */
export function rootDocuments(): readonly string[] {
  return Object.keys(ROOT_PAGES);
}
