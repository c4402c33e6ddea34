import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { ROOT } from '../package/pack-package.js';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly needs?: readonly string[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly on: { readonly push: { readonly tags: readonly string[]; readonly branches?: unknown } };
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<'check' | 'nodes' | 'publish', Job>>;
}

const text = readFileSync(path.join(ROOT, '.github/workflows/release.yml'), 'utf8');
const workflow = parse(text) as Workflow;
const { check, nodes, publish } = workflow.jobs;

describe('the workflow of a release', () => {
  it('runs for tags of versions alone, and publishes after the checks', () => {
    expect(workflow.on).toEqual({ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+*'] } });
    expect(publish.needs).toEqual(['check', 'nodes']);
    expect(check.steps.map(({ run }) => run)).toContain('.ci/run');
    expect(nodes.steps.map(({ run }) => run)).toContain('npm run test:release');
  });

  it('may prove where it runs only in the job that publishes, and holds no secret', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect([check.permissions, nodes.permissions]).toEqual([undefined, undefined]);
    expect(publish.permissions).toEqual({ contents: 'read', 'id-token': 'write' });
    expect(text).not.toMatch(/secrets\.|NODE_AUTH_TOKEN/);
    const publishing = publish.steps.filter(({ run }) => run?.includes('npm publish') === true);
    expect(publishing.map(({ run }) => run)).toEqual([expect.stringMatching(/npm publish [^\n]*--provenance/)]);
  });

  it('runs scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named).toEqual(['release:assemble', 'test:release', 'release:assemble']);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
