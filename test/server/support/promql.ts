import { parser } from '@prometheus-io/lezer-promql';

/** A metric that an expression reads, with the labels that it selects by. */
export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** The metrics of an expression, by the grammar of Prometheus' own editor. Throws at the place of a mistake. */
export function selectorsOf(expression: string): readonly Selector[] {
  const found: { metric: string; labels: string[] }[] = [];
  parser.parse(expression).iterate({
    enter: ({ name, type, from, to, node }) => {
      const text = expression.slice(from, to);
      if (type.isError) throw new Error(`no PromQL at ${from}: ${expression}`);
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') found.push({ metric: text, labels: [] });
      if (name === 'LabelName' && node.parent?.name === 'UnquotedLabelMatcher') found.at(-1)?.labels.push(text);
    },
  });
  return found;
}
