import { describe, expect, it } from 'vitest';

import { checkDocs } from '../../scripts/check-docs.js';
import { expectedDocument, type GeneratedBlock } from '../../scripts/generated-blocks.js';
import { asLines, manifest, temporaryTree } from './temporary-tree.js';

const BLOCK: GeneratedBlock = {
  file: 'ARCHITECTURE.md',
  name: 'ranks',
  preamble: '# A\n',
  content: '| a |\n| - |\n| 1 |',
};
const MAIN = `
const [command] = process.argv.slice(2);
if (command === '--help') {
  console.log('Usage: isovec [options]\\n\\nOptions:\\n  -q, --quiet  say little\\n\\nCommands:\\n  embed|e [options] <text>  embeds\\n');
} else {
  console.log('Usage: isovec embed\\n\\nOptions:\\n  --dtype <type>  see\\n                  --this is text\\n  --no-cache  no cache\\n');
}
`;
const CLEAN = {
  'package.json': manifest({ scripts: { build: 'tsc', test: 'vitest' }, exports: { './vector': './v.js' } }),
  'ARCHITECTURE.md': '# A\n\n<!-- ranks:begin -->\n\n| a   |\n| --- |\n| 1   |\n\n<!-- ranks:end -->\n',
  'README.md': '# Title\n\nText.\n',
  'src/settings.ts': `export const names = ['ISOVEC_HOME'];\n`,
  'docs/guides/a.md': '# A guide\n\n## Sub-part `x`\n',
  'dist/cli/main.js': MAIN,
};

async function findingsFor(readme: string, files: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const root = temporaryTree({ ...CLEAN, 'README.md': readme, ...files });
  const { findings } = await checkDocs(root, { errorCodes: ['NOT_FOUND'], blocks: [BLOCK] });
  return asLines(findings);
}

describe('checkDocs', () => {
  it('accepts documents that name what exists', async () => {
    const readme = [
      '[guide](docs/guides/a.md#sub-part-x) and [here](#title) and [elsewhere](https://host.invalid/x)',
      '# Title',
      '`src/settings.ts`, `src/*.ts`, `src/NAME.ts`, `docs/guides/`, `1_Pooling/config.json`, `org/name`',
      '`npm run build`, `npm test`, `NOT_FOUND`, `ISOVEC_HOME=x`, `isovec/vector`, `isovec embed --dtype int8`',
      '```sh',
      '$ npx isovec embed "some --text" --no-cache --quiet # a --comment',
      "X_Y=1 isovec e 'a' \\",
      '  --dtype=int8 | jq --arg',
      'isovec COMMAND --help',
      '```',
      '```ts',
      `import { a } from 'isovec/vector';`,
      '```',
    ].join('\n');
    expect(await findingsFor(readme)).toEqual([]);
  });

  it.each([
    ['[x](docs/gone.md)', 'link to docs/gone.md, which does not exist'],
    ['[x](docs/guides/a.md#gone)', 'link to #gone, no heading of docs/guides/a.md'],
    ['`src/gone.ts`', 'names src/gone.ts, which does not exist'],
    ['`deploy/Containerfile`', 'names deploy/Containerfile, which does not exist'],
    ['`src/gone/NAME.ts`', 'names src/gone/NAME.ts, which does not exist'],
    ['`npm run gone`', `package.json has no script 'gone'`],
    ['`npm start`', `package.json has no script 'start'`],
    ['`isovec/gone`', `'isovec/gone' is no entry point`],
    ['`NO_FOUND`', 'NO_FOUND is no error code, and no setting that the sources read'],
    ['`isovec gone`', "`isovec` has no command 'gone'"],
    ['`isovec embed x --gone`', '`isovec embed` has no option --gone'],
    ['`isovec --dtype int8`', '`isovec` has no option --dtype'],
    ['`isovec embed x --this`', '`isovec embed` has no option --this'],
  ])('finds in %s: %s', async (text, rule) => {
    expect(await findingsFor(`# T\n\nSee ${text}.\n`)).toEqual([`README.md:3 ${rule}`]);
  });

  it('finds names in fenced blocks, at their line', async () => {
    const readme = '```bash\nnode scripts/gone.ts\nisovec embed \\\n  --gone\nnpm run gone\n```\n';
    expect(await findingsFor(readme)).toEqual([
      'README.md:2 names scripts/gone.ts, which does not exist',
      `README.md:5 package.json has no script 'gone'`,
      'README.md:3 `isovec embed` has no option --gone',
    ]);
  });

  it('says that commands were not compared while there is no command line', async () => {
    const files: Record<string, string> = { ...CLEAN, 'README.md': '`isovec gone`\n' };
    delete files['dist/cli/main.js'];
    const { findings, notes } = await checkDocs(temporaryTree(files), { errorCodes: [], blocks: [] });
    expect(findings).toEqual([]);
    expect(notes).toContain('commands and flags NOT compared: dist/cli/main.js is not built');
  });

  it.each([
    ['stale', CLEAN['ARCHITECTURE.md'].replace('1', '2'), `the generated part 'ranks' is not current`],
    ['without markers', '# A\n', 'the markers <!-- ranks:begin --> and <!-- ranks:end --> are gone'],
  ])('finds a generated part that is %s', async (_, text, rule) => {
    expect(await findingsFor('', { 'ARCHITECTURE.md': text })).toEqual([`ARCHITECTURE.md ${rule}`]);
  });

  it('keeps what is written by hand around a generated part', async () => {
    const text = '# Mine\n\nBefore.\n\n<!-- ranks:begin -->\nold\n<!-- ranks:end -->\n\nAfter.\n';
    const written = await expectedDocument(temporaryTree({ 'ARCHITECTURE.md': text }), BLOCK);
    expect(written).toBe(
      '# Mine\n\nBefore.\n\n<!-- ranks:begin -->\n\n| a   |\n| --- |\n| 1   |\n\n<!-- ranks:end -->\n\nAfter.\n',
    );
  });

  it('finds a dependency without a record, and leaves names in records alone', async () => {
    const found = await findingsFor('', {
      'package.json': manifest({ dependencies: { '@scope/a': '1.0.0', b: '1.0.0' } }),
      'docs/decisions/b.md': 'Set `OTHER_NAME`, see `src/gone.ts`.',
    });
    expect(found).toEqual([`docs/decisions/scope-a.md dependency '@scope/a' has no record`]);
  });

  it('finds public exports without a docstring, where they are declared', async () => {
    const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
    const found = await findingsFor('', {
      'package.json': manifest({ exports }),
      'src/index.ts': `export { told, silent as quiet } from './a.js';\nexport type { Shape } from './a.js';\n`,
      'src/a.ts': `/** Says it. */\nexport const told: number = 1;\n\nexport function silent(): void {}\nexport interface Shape {}\nexport const inner: number = 1;\n`,
    });
    expect(found).toEqual([
      `src/a.ts:4 public export 'quiet' has no docstring`,
      `src/a.ts:5 public export 'Shape' has no docstring`,
    ]);
  });
});
