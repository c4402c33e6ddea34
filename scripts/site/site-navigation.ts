/** A page with the name that readers see. */
export interface NamedPage {
  /** Its path in the site: `guides/serve.md`. */
  readonly path: string;
  readonly title: string;
}

/** A group of links beside the pages. */
export interface NavigationGroup {
  readonly text: string;
  readonly items: readonly NavigationItem[];
}

/** A link to a page. */
export interface NavigationItem {
  readonly text: string;
  readonly link: string;
}

interface Section {
  readonly text: string;
  /** Pages by their names without ending, in the order of a first reading; `folder/*` takes the rest of a folder. */
  readonly pages: readonly string[];
}

const SECTIONS: readonly Section[] = [
  { text: 'Start', pages: ['index', 'start/library', 'start/command-line', 'start/server', 'start/*'] },
  { text: 'Moving', pages: ['guides/moving/index', 'guides/moving/*'] },
  {
    text: 'Vectors',
    pages: ['guides/validate-your-model', 'guides/int8', 'guides/providers', 'guides/remote-providers'],
  },
  { text: 'Servers', pages: ['guides/serve', 'guides/deployment', 'guides/observability', 'guides/playground'] },
  {
    text: 'Memory',
    pages: [
      'guides/memory',
      'guides/memory-over-mcp',
      'guides/cognitive-dimensions',
      'guides/memory-in-postgresql',
      'guides/memory-in-qdrant',
    ],
  },
  { text: 'Speed', pages: ['guides/benchmark-your-machine', 'guides/compare-with-peers'] },
  { text: 'When something fails', pages: ['guides/troubleshooting', 'guides/*'] },
  {
    text: 'Reference',
    pages: [
      'reference/cli',
      'reference/configuration',
      'reference/errors',
      'reference/http',
      'reference/mcp',
      'reference/*',
    ],
  },
  { text: 'Library', pages: ['reference/library/index', 'reference/library/**'] },
  { text: 'Project', pages: ['changelog', 'architecture', 'security', 'contributing', 'review', 'decisions/index'] },
];

/** Many, and read one at a time: they stand beside each other alone. */
const DECISIONS: readonly Section[] = [{ text: 'Decisions', pages: ['decisions/index', 'decisions/*'] }];

/** What stands beside the pages, by the beginning of their paths: every page once, but those of files. */
export function siteNavigation(pages: readonly NamedPage[]): Readonly<Record<string, readonly NavigationGroup[]>> {
  return { '/decisions/': groupsOf(DECISIONS, pages), '/': groupsOf(SECTIONS, pages) };
}

function groupsOf(sections: readonly Section[], pages: readonly NamedPage[]): readonly NavigationGroup[] {
  const left = new Map(pages.map((page) => [page.path.replace(/\.md$/, ''), page.title]));
  const named = new Set(sections.flatMap((section) => section.pages));
  return sections
    .map(({ text, pages: wanted }) => {
      const items: NavigationItem[] = [];
      const taken = wanted.flatMap((pattern) => {
        if (!pattern.endsWith('*')) return left.has(pattern) ? [pattern] : [];
        const folder = pattern.replace(/\*+$/, '');
        const inside = (name: string): boolean =>
          name.startsWith(folder) && (pattern.endsWith('**') || !name.slice(folder.length).includes('/'));
        return [...left.keys()].filter((name) => inside(name) && !named.has(name));
      });
      for (const name of taken) {
        const title = left.get(name);
        if (title === undefined) continue;
        items.push({ text: title, link: `/${name.replace(/(^|\/)index$/, '$1')}` });
        left.delete(name);
      }
      return { text, items };
    })
    .filter(({ items }) => items.length > 0);
}
