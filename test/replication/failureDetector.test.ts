import { describe, expect, it } from 'vitest';
import { FailureDetector } from '../../src/replication/failureDetector.ts';
import { REPORT_MS, SUSPECT_MS } from '../../src/replication/timing.ts';

describe('the failure detector', () => {
  it('reports a cut link at once, and once in a while', () => {
    const detector = new FailureDetector();
    expect(detector.failed(1, 'ERR_NOT_CONNECTED', 0)).toBe(true);
    expect(detector.failed(1, 'ERR_NOT_CONNECTED', REPORT_MS - 1)).toBe(false);
    expect(detector.failed(1, 'ERR_NOT_CONNECTED', REPORT_MS)).toBe(true);
  });

  it('reports silence when it has lasted', () => {
    const detector = new FailureDetector();
    expect(detector.failed(1, 'ERR_UNREACHABLE', 100)).toBe(false);
    expect(detector.failed(1, 'ERR_UNREACHABLE', 99 + SUSPECT_MS)).toBe(false);
    expect(detector.failed(1, 'ERR_UNREACHABLE', 100 + SUSPECT_MS)).toBe(true);
  });

  it.each([
    ['an answer', (detector: FailureDetector) => detector.answered(1)],
    [
      'an error of the peer itself',
      (detector: FailureDetector) => detector.failed(1, 'ERR_STALE_EPOCH', 500),
    ],
  ])('begins to count anew after %s', (_what, speak) => {
    const detector = new FailureDetector();
    detector.failed(1, 'ERR_UNREACHABLE', 0);
    speak(detector);
    expect(detector.failed(1, 'ERR_UNREACHABLE', SUSPECT_MS)).toBe(false);
    expect(detector.failed(1, 'ERR_UNREACHABLE', 2 * SUSPECT_MS)).toBe(true);
  });

  it('tells peers apart', () => {
    const detector = new FailureDetector();
    detector.failed(1, 'ERR_UNREACHABLE', 0);
    expect(detector.failed(2, 'ERR_UNREACHABLE', SUSPECT_MS)).toBe(false);
  });
});
