// docs/json.md has every field of the answers as JSON, and shows what its example prints.
import { readFileSync } from 'node:fs';
import _ from 'lodash';
import { describe, expect, it } from 'vitest';
import type { Json } from '../src/kernel/json.ts';
import { simulate } from './scripts/programs.ts';

const page = readFileSync('docs/json.md', 'utf8');
const [, script = '', shown = ''] = /\$ printf '(.*)' \| .*\n([\s\S]*?)```/.exec(page) ?? [];
const prose = page.replaceAll(/^```[\s\S]*?^```$/gm, '');
/** All that the page names as code, word by word. */
const named = new Set(
  [...prose.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => code.split(' ')),
);

/** These are all commands that print, with each kind of answer. */
const SCRIPTS = [
  `protocol causal gossip=off
joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 1
put 5 x 1
get 6 x
printStore 0
inspect 0
killServer 1
inspect
workload ops=10
check linearizable causal convergence
check`,
  `protocol causal gossip=off
joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 1
workload ops=40 keys=1
check linearizable`,
  `protocol chain
joinServer 0
joinClient 5 0
put 5 x 1
cas 5 x 1 2
cas 5 x 1 2
get 5 @
inspect master`,
  `protocol quorum versions=vector repair=off n=2
joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 1
breakConnection 0 1
put 5 b 1 one
put 6 b 2 one
createConnection 0 1
get 5 b all
check linearizable`,
  `protocol sharded
joinServer 0
joinClient 5 0
append 5 x ab
lpop 5 x
query x
workload ops=20 appends=0.3 pops=0.3
check linearizable`,
];

/** The names of all fields, also of those inside, but for a server's state. */
function fieldsOf(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    name,
    ...(name === 'state' ? [] : fieldsOf(inner)),
  ]);
}

async function answersOf(text: string, ...words: string[]): Promise<Json[]> {
  const { stdout } = await simulate(Buffer.from(text), ['--json', '--quiet', ...words]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
}

describe('the page about answers as JSON', () => {
  it('shows what its example prints', async () => {
    const { stdout } = await simulate(Buffer.from(script.replaceAll('\\n', '\n')), ['--json']);
    expect(stdout).toBe(shown);
  });

  it('names every field', async () => {
    const answers = (await Promise.all(SCRIPTS.map((text) => answersOf(text)))).flat();
    const fields = _.uniq(answers.flatMap(fieldsOf)).sort();
    expect(fields.filter((field) => !named.has(field))).toEqual([]);
    const wanted = ['values', 'scope', 'entries', 'differing', 'lines', 'siblings', 'invokedAt'];
    expect(fields).toEqual(expect.arrayContaining(wanted));
  });
});
