// The shipped scripts as a menu: by protocol, each with what its first comment says.

export interface Example {
  /** `causal/partition` */
  readonly path: string;
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

export interface ExampleGroup {
  readonly protocol: string;
  readonly examples: readonly Example[];
}

export function groupExamples(shipped: readonly (readonly [string, string])[]): ExampleGroup[] {
  const groups = new Map<string, Example[]>();
  for (const [path, text] of shipped) {
    const [protocol = '', name = path] = path.split('/');
    const examples = groups.get(protocol) ?? [];
    groups.set(protocol, examples);
    examples.push({ path, name: name.replaceAll('-', ' '), title: titleOf(text), text });
  }
  return Array.from(groups, ([protocol, examples]) => ({ protocol, examples }));
}

/** The first sentence of the comment at the top; empty without one. */
export function titleOf(text: string): string {
  const comment: string[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('#')) break;
    comment.push(line.replace(/^#+\s*/, ''));
  }
  const told = comment.join(' ');
  return /^.*?[.:!?](?= |$)/.exec(told)?.[0].replace(/:$/, '.') ?? told;
}

/** Those whose name, protocol or title has all words of the query. */
export function findExamples(groups: readonly ExampleGroup[], query: string): ExampleGroup[] {
  const words = query.toLowerCase().split(/\s+/);
  return groups
    .map(({ protocol, examples }) => ({
      protocol,
      examples: examples.filter(({ path, name, title }) => {
        const all = `${path} ${name} ${title}`.toLowerCase();
        return words.every((word) => all.includes(word));
      }),
    }))
    .filter(({ examples }) => examples.length > 0);
}
