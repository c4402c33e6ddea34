import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** Every module that the built entry point loads, by following its static imports. */
function reachable(entry: URL, seen = new Map<string, string>()): Map<string, string> {
  const path = fileURLToPath(entry);
  if (seen.has(path)) return seen;
  const source = readFileSync(path, 'utf8');
  seen.set(path, source);
  for (const [, specifier] of source.matchAll(/\bfrom '([^']+)'/g)) {
    if (specifier === undefined) continue;
    expect(specifier, `import in ${path}`).toMatch(/^\.{1,2}\//);
    reachable(new URL(specifier, entry), seen);
  }
  return seen;
}

describe('the vector entry point', () => {
  it('loads in a browser: relative imports only, no Buffer, no process', () => {
    const modules = reachable(new URL('../../dist/vector/index.js', import.meta.url));
    expect(modules.size).toBeGreaterThanOrEqual(10);
    for (const [path, source] of modules) expect(source, path).not.toMatch(/\b(Buffer|process)\.[a-z]|\brequire\(/);
  });
});
