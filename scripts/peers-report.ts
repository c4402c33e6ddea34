import { existsSync } from 'node:fs';
import path from 'node:path';

import { markdownNotes, markdownTable } from '../benchmarks/peers/peer-table.js';
import { type PeerResults, resultsSchema } from '../benchmarks/peers/results.js';
import { summarise } from '../benchmarks/peers/summary.js';
import { barPlot } from '../src/bench/plots/bar-plot.js';
import type { GeneratedBlock, GeneratedFile } from './generated-blocks.js';
import { readSource } from './source-files.js';

/** What `npm run bench:peers` measured last, as it stands in the repository. */
const RESULTS = 'benchmarks/peers/results.json';
const CHART = 'docs/peers.svg';

/** README's table of peers and the notes of the guide, from the results in the repository; none without results. */
export function peersBlocks(root: string): readonly GeneratedBlock[] {
  const results = readResults(root);
  if (results === undefined) return [];
  return [
    {
      file: 'README.md',
      name: 'peers',
      preamble: '# isovec\n',
      content: [
        `![Texts a second of isovec and its peers on ${results.environment.processor}](${CHART})`,
        '',
        markdownTable(results),
        '',
        `Measured with \`${results.command}\`, ${results.measuredOn}.`,
      ].join('\n'),
    },
    {
      file: 'docs/guides/compare-with-peers.md',
      name: 'peers-notes',
      preamble: '# Compare with peers\n',
      content: markdownNotes(results),
    },
  ];
}

/** README's chart of the same results. */
export async function peersChart(root: string): Promise<readonly GeneratedFile[]> {
  const results = readResults(root);
  if (results === undefined) return [];
  const { processor, cores } = results.environment;
  const bars = summarise(results).flatMap(({ name, rates, correctness }) => {
    const value = rates.W1.textsPerSecond;
    if (value === undefined) return [];
    const note = correctness?.verdict === 'wrong' ? { note: 'wrong vectors' } : {};
    return [{ label: name, value, accent: name.startsWith('isovec'), ...note }];
  });
  const content = await barPlot({
    title: `Texts a second, ${results.model.split('/').at(-1) ?? results.model}`,
    subtitle: `Texts of about 31 tokens; ${processor}, ${cores} cores`,
    groups: [{ heading: '', bars }],
  });
  return [{ file: CHART, content: `${content}\n`, verbatim: true }];
}

function readResults(root: string): PeerResults | undefined {
  if (!existsSync(path.join(root, RESULTS))) return undefined;
  return resultsSchema.parse(JSON.parse(readSource(root, path.posix.normalize(RESULTS))));
}
