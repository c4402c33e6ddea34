import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expectedDocument, expectedFile, houseBlocks, houseFiles } from './generated-blocks.js';

const root = path.resolve(import.meta.dirname, '..');
for (const block of houseBlocks(root)) {
  const text = await expectedDocument(root, block);
  if (text === undefined) {
    console.error(`${block.file} lacks <!-- ${block.name}:begin --> and <!-- ${block.name}:end -->: put them back.`);
    process.exitCode = 1;
    continue;
  }
  const location = path.join(root, block.file);
  await mkdir(path.dirname(location), { recursive: true });
  await writeFile(location, text);
  console.log(`wrote ${block.file}`);
}
for (const generated of await houseFiles(root)) {
  await writeFile(path.join(root, generated.file), await expectedFile(root, generated));
  console.log(`wrote ${generated.file}`);
}
