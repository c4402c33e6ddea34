/** A piece of a document, with its line counted from 1. */
export interface Located {
  readonly text: string;
  readonly line: number;
}

/** The names a Markdown document mentions, by the place they stand in. */
export interface MarkdownNames {
  /** Targets of links and images. */
  readonly links: readonly Located[];
  /** Contents of inline code. */
  readonly codeSpans: readonly Located[];
  /** Lines of fenced blocks that hold shell input: sh, bash, shell, console, or no language. Continuations are joined. */
  readonly shellLines: readonly Located[];
  /** Lines of every other fenced block. */
  readonly codeLines: readonly Located[];
  /** Anchors of the headings, spelled as GitHub spells them. */
  readonly anchors: ReadonlySet<string>;
}

const SHELL_LANGUAGES: ReadonlySet<string> = new Set(['', 'sh', 'bash', 'shell', 'console']);

/** Splits a Markdown document into the places where names stand. */
export function markdownNames(markdown: string): MarkdownNames {
  const links: Located[] = [];
  const codeSpans: Located[] = [];
  const shellLines: Located[] = [];
  const codeLines: Located[] = [];
  const anchors = new Set<string>();
  let fence: { readonly mark: string; readonly shell: boolean } | undefined;
  let joined: Located | undefined;

  for (const [index, text] of markdown.split('\n').entries()) {
    const line = index + 1;
    const [, mark, language = ''] = /^\s*(`{3,}|~{3,})\s*([\w-]*)/.exec(text) ?? [];
    if (fence !== undefined) {
      if (mark !== undefined && mark.startsWith(fence.mark) && language === '') {
        fence = undefined;
      } else if (fence.shell) {
        const continued: Located =
          joined === undefined ? { text, line } : { ...joined, text: `${joined.text} ${text}` };
        joined = text.endsWith('\\') ? { ...continued, text: continued.text.slice(0, -1) } : undefined;
        if (joined === undefined) shellLines.push(continued);
      } else {
        codeLines.push({ text, line });
      }
      continue;
    }
    if (mark !== undefined) {
      fence = { mark, shell: SHELL_LANGUAGES.has(language) };
      continue;
    }
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (heading !== undefined) anchors.add(anchorOf(heading));
    for (const [, span = ''] of text.matchAll(/(?<!`)`([^`]+)`(?!`)/g)) codeSpans.push({ text: span.trim(), line });
    const prose = text.replaceAll(/`[^`]*`/g, '');
    for (const [, target = ''] of prose.matchAll(/\]\(\s*<?([^)\s>]+)/g)) links.push({ text: target, line });
    const definition = /^\s*\[[^\]]+\]:\s*<?([^\s>]+)/.exec(prose)?.[1];
    if (definition !== undefined) links.push({ text: definition, line });
  }
  return { links, codeSpans, shellLines, codeLines, anchors };
}

/** The anchor of a heading, spelled as GitHub spells it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
}
