// `--junit FILE`: what the claims of scripts came to, as JUnit's XML: a suite for each script, with
// a test case for each line that expects or checks something, and one for the script itself.
import { type JunitCase, type JunitSuite, writeJunit } from '../grading/formats/junitFile.ts';
import type { Finding, FindingOutcome } from '../language/finding.ts';
import { monotonicMs } from '../rpc/monotonic.ts';
import type { ClaimsListener } from './execute.ts';
import { isComplete } from './exitStatus.ts';
import { assertReplaceable, replaceFile } from './replaceFile.ts';

/** The case of the script itself: whether all of it could be done. */
const WHOLE = 'the script can be run';

const KINDS: Record<Exclude<FindingOutcome, 'held' | 'refused'>, 'failure' | 'skipped'> = {
  broken: 'failure',
  // It is neither kept nor broken; a CI system has no other word for that.
  undecided: 'skipped',
};

export class JunitReport implements ClaimsListener {
  readonly #path: string;
  readonly #findings = new Map<string, Finding[]>();
  readonly #suites: JunitSuite[] = [];
  /** When the script that runs has begun. */
  #since = monotonicMs();

  /** Throws EnvironmentError E_IO if the file cannot be written at the end. */
  constructor(path: string) {
    assertReplaceable(path);
    this.#path = path;
  }

  add(script: string, finding: Finding): void {
    const findings = this.#findings.get(script) ?? [];
    this.#findings.set(script, findings);
    findings.push(finding);
  }

  /** The case of the script has its time. Claims have none: they are lines of it. */
  ended(script: string, status: number): void {
    const now = monotonicMs();
    const ms = now - this.#since;
    this.#since = now;
    const findings = this.#findings.get(script) ?? [];
    // The same file may be named twice.
    this.#findings.delete(script);
    const claims = findings.filter(({ outcome }) => outcome !== 'refused').map(toCase);
    this.#suites.push({ name: script, cases: [{ ...wholeCase(findings, status), ms }, ...claims] });
  }

  /** Replaces the file. Throws EnvironmentError E_IO. */
  close(): void {
    replaceFile(this.#path, writeJunit(this.#suites));
  }
}

/** A bad line is an error of the script, and so is a run that did not come to its end. */
function wholeCase(findings: readonly Finding[], status: number): JunitCase {
  const refused = findings.filter(({ outcome }) => outcome === 'refused');
  const told = refused.map(({ place, title, text }) => `${placeOf(place)}${title}: ${text}`);
  const lines = isComplete(status) ? told : [...told, `it ended with exit status ${status}`];
  const [message] = lines;
  if (message === undefined) return { name: WHOLE };
  return { name: WHOLE, failure: { kind: 'error', message, text: lines.join('\n') } };
}

function toCase({ place, title, outcome, text }: Finding): JunitCase {
  const name = `${placeOf(place)}${title}`;
  if (outcome === 'held' || outcome === 'refused') return { name };
  return { name, failure: { kind: KINDS[outcome], message: text.split('\n')[0] ?? '', text } };
}

function placeOf(place: Finding['place']): string {
  return place === undefined ? '' : `${place.file}:${place.line}: `;
}
