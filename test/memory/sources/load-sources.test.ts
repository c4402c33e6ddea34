import { utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';

import { readGitHistory } from '#src/memory/sources/read-git-history.js';
import { readMarkdown } from '#src/memory/sources/read-markdown.js';
import { emptyMemory } from '../../server/mcp/support/agent-service.js';
import { makeRepository } from './support/repository.js';
import { temporaryFolder } from './support/temporary-folder.js';

it('loads documents and history into a memory, recalls them, and changes only what was edited', async () => {
  const folder = await temporaryFolder();
  const text = '# Guide\n\n## Ovens\n\nHeat the oven before baking.\n\n## Dough\n\nKnead the dough by hand.\n';
  await makeRepository(folder, [{ message: 'guide: say how to bake', files: { 'docs/guide.md': text }, at: 86_400 }]);
  const file = path.join(folder, 'docs', 'guide.md');
  await utimes(file, 1, 1);
  await using memory = emptyMemory();
  expect(await memory.load(await readMarkdown(folder))).toMatchObject({ added: 5, unchanged: 0 });
  expect(await memory.load(await readGitHistory(path.join(folder, 'docs')))).toMatchObject({ added: 1 });
  const { core } = await memory.recall('knead the dough by hand', { touch: false });
  expect(core[0]?.record).toMatchObject({
    content: 'Guide > Dough\n\nKnead the dough by hand.',
    metadata: { file: 'docs/guide.md', firstLine: 9 },
  });

  await writeFile(file, text.replace('by hand', 'by machine'));
  await utimes(file, 1, 1);
  const again = await memory.load(await readMarkdown(folder));
  expect(again).toMatchObject({ added: 1, changed: 0, removed: 1, unchanged: 4 });
});
