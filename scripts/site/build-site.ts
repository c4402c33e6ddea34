import path from 'node:path';

import { runNode } from '../run-child.js';
import { writePages } from './write-pages.js';

// `npm run site:build`: writes the documentation site to .cache/site. A warning ends it as an error does.

const root = path.resolve(import.meta.dirname, '../..');
await writePages(root, path.join(root, '.cache/site-pages'));
const vitepress = path.join(root, 'node_modules/vitepress/bin/vitepress.js');
const { status, output } = await runNode(root, [vitepress, 'build', 'site']);
const warned = /\bwarn(ing)?\b|\(!\)/i.test(output);
if (status !== 0 || warned) {
  process.stderr.write(output);
  console.error(warned ? 'The site was built with warnings.' : `vitepress ended with ${status}.`);
  process.exit(1);
}
console.log('wrote .cache/site');
