// Strict readers of the parts of two notations that exports use, after their documentation. A line
// that is none of the known ones is an error, and so is a character that means something in a text.
//   https://mermaid.js.org/syntax/sequenceDiagram.html
//   https://plantuml.com/sequence-diagram

export interface ReadSequence {
  readonly comments: readonly string[];
  readonly title: string;
  readonly participants: readonly string[];
  /** `server 0 -> client 1: text`; `=>` for a reply, `-x` and `=x` for a loss. */
  readonly steps: readonly string[];
}

interface Notation {
  readonly head: RegExp;
  readonly foot: RegExp;
  readonly comment: RegExp;
  readonly title: RegExp;
  readonly participant: RegExp;
  readonly message: RegExp;
  readonly note: RegExp;
  readonly arrows: Readonly<Record<string, string>>;
  /** Everything that a text may have unescaped. */
  readonly plain: RegExp;
  readonly entity: RegExp;
}

const MERMAID: Notation = {
  head: /^sequenceDiagram$/,
  foot: /^$/,
  comment: /^ {2}%% (?<text>[^{].*)$/,
  title: /^ {2}title: (?<text>.+)$/,
  participant: /^ {2}participant (?<name>n\d+) as (?<text>.+)$/,
  message: /^ {2}(?<from>n\d+)(?<arrow>->>|-->>|-x|--x)(?<to>n\d+): (?<text>.+)$/,
  note: /^ {2}Note over (?<over>n\d+(?:,n\d+)?): (?<text>.+)$/,
  arrows: { '->>': '->', '-->>': '=>', '-x': '-x', '--x': '=x' },
  plain: /^[^#;:<>"`{}\\%\p{Cc}\u2028\u2029]*$/u,
  entity: /#(\d+);/g,
};

const PLANTUML: Notation = {
  head: /^@startuml$/,
  foot: /^@enduml$/,
  comment: /^' (?<text>.+)$/,
  title: /^title (?<text>.+)$/,
  participant: /^participant "(?<text>[^"]+)" as (?<name>n\d+)$/,
  message: /^(?<from>n\d+) (?<arrow>->|-->|->x|-->x) (?<to>n\d+) : (?<text>.+)$/,
  note: /^note over (?<over>n\d+(?:, n\d+)?)(?: #[0-9A-F]{6})? : (?<text>.+)$/,
  arrows: { '->': '->', '-->': '=>', '->x': '-x', '-->x': '=x' },
  // Creole's pairs (two of -, *, /, _, ~, =) and its brackets would change the look or vanish.
  plain: /^(?!.*--)[^&#;:<>"'`{}[\]\\%*/_~|=!@$^\p{Cc}\u2028\u2029]*$/u,
  entity: /&#(\d+);/g,
};

export function readMermaid(text: string): ReadSequence {
  return read(MERMAID, text.split('\n'));
}

export function readPlantUml(text: string): ReadSequence {
  return read(PLANTUML, text.split('\n').slice(0, -1));
}

function read(notation: Notation, lines: readonly string[]): ReadSequence {
  const names = new Map<string, string>();
  const [comments, titles, steps]: [string[], string[], string[]] = [[], [], []];
  if (!notation.head.test(lines[0] ?? '')) throw new Error(`a wrong head: ${lines[0]}`);
  if (!notation.foot.test(lines.at(-1) ?? '')) throw new Error(`a wrong end: ${lines.at(-1)}`);
  const nameOf = (name = ''): string => {
    const known = names.get(name);
    if (known === undefined) throw new Error(`${name} is no participant`);
    return known;
  };
  for (const line of lines.slice(1, -1)) {
    const { groups: parts = {} } = findLine(notation, line);
    const text = decode(notation, parts.text ?? '');
    if (parts.name !== undefined) names.set(parts.name, text);
    else if (parts.arrow !== undefined) {
      const arrow = notation.arrows[parts.arrow];
      steps.push(`${nameOf(parts.from)} ${arrow} ${nameOf(parts.to)}: ${text}`);
    } else if (parts.over !== undefined) {
      steps.push(`${parts.over.split(/, ?/).map(nameOf).join(', ')}: ${text}`);
    } else if (notation.comment.test(line)) comments.push(text);
    else titles.push(text);
  }
  if (titles.length !== 1) throw new Error(`${titles.length} titles`);
  return { comments, title: titles[0] ?? '', participants: [...names.values()], steps };
}

function findLine(notation: Notation, line: string): RegExpExecArray {
  const { comment, title, participant, message, note } = notation;
  for (const pattern of [comment, title, participant, message, note]) {
    const found = pattern.exec(line);
    if (found !== null) return found;
  }
  throw new Error(`no such line: ${line}`);
}

function decode({ plain, entity }: Notation, text: string): string {
  // A letter stands for each: its neighbours must not come together.
  const rest = text.replace(entity, 'x');
  if (!plain.test(rest)) throw new Error(`not escaped: ${rest}`);
  return text.replace(entity, (_, code) => String.fromCodePoint(Number(code))).trim();
}
