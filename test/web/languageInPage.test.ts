// Scripts in the page's playground: what they expect is judged there too, and a file is refused.
import { describe, expect, it } from 'vitest';
import { runScript } from '../../src/web/run/runScript.ts';
import { groupByLine } from '../../src/web/script/said.ts';

const NODES = 'joinServer 0\njoinClient 5 0\n';

async function outputs(script: string) {
  const source = { script: `${NODES}${script}`, protocol: 'causal', seed: 1, faults: '' };
  return groupByLine((await runScript(source)).said);
}

describe('a script in the page', () => {
  it('shows an answer that is not as expected as an error of its line', async () => {
    const shown = await outputs('put 5 tea green\nget 5 tea\nexpect tea:black\nexpect tea:green\n');
    expect(shown.get(5)).toEqual({
      answers: [],
      remarks: [
        {
          severity: 'error',
          code: 'E_EXPECT',
          text: "expected 'tea:black', but line 4 answered 'tea:green'",
        },
      ],
    });
    expect(shown.get(6)).toBeUndefined();
  });

  it('shows the answers of all rounds at the line that is repeated', async () => {
    const shown = await outputs('repeat 2 as i\nput 5 k $i\nget 5 k\nend\n');
    expect(shown.get(5)?.answers).toEqual(['k:1', 'k:2']);
  });

  it('refuses to include a file', async () => {
    const [remark] = (await outputs('include other.txt\n')).get(3)?.remarks ?? [];
    expect(remark).toMatchObject({ severity: 'error', code: 'E_NOT_HERE' });
  });
});
