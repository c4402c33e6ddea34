import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { assembleEngine } from './assemble-engine.js';
import { billOfMaterials } from './bill-of-materials.js';
import { ENGINE_PLATFORMS } from './engine-platforms.js';
import { stageIsovec } from './stage-isovec.js';
import { thirdPartyNotices } from './third-party-notices.js';

// `npm run release:assemble -- --out DIR`: everything that is published, each package in a folder that npm can pack or publish
// as it is: DIR/isovec and DIR/engine-PLATFORM; beside them the bill of materials and the notices. --repository is the address
// that the registry compares with where a build came from.

const { values } = parseArgs({ options: { out: { type: 'string' }, repository: { type: 'string' } } });
if (values.out === undefined) {
  console.error('Say where the packages go: npm run release:assemble -- --out DIR');
  process.exit(2);
}
const root = path.resolve(import.meta.dirname, '../..');
const out = path.resolve(values.out);
mkdirSync(out, { recursive: true });
const folders = ['isovec', ...ENGINE_PLATFORMS.map((platform) => `engine-${platform}`)];
for (const folder of folders) rmSync(path.join(out, folder), { recursive: true, force: true });

const engines = ENGINE_PLATFORMS.map((platform) =>
  assembleEngine(root, platform, path.join(out, `engine-${platform}`)),
);
const isovec = await stageIsovec(root, path.join(out, 'isovec'));
const bill = `${JSON.stringify(billOfMaterials(isovec, engines), null, 2)}\n`;
writeFileSync(path.join(out, 'isovec.cdx.json'), bill);
writeFileSync(path.join(out, 'THIRD-PARTY-NOTICES.txt'), thirdPartyNotices(path.join(out, 'isovec'), isovec.bundled));
if (values.repository !== undefined) {
  for (const folder of folders) {
    const file = path.join(out, folder, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as object;
    const repository = { type: 'git', url: values.repository };
    writeFileSync(file, `${JSON.stringify({ ...manifest, repository }, null, 2)}\n`);
  }
}
console.log(`${out}: ${folders.join(', ')}; isovec ${isovec.version} holds ${isovec.bundled.length} packages`);
