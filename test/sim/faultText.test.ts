// The text form of fault plans: reading, writing, and refusing invalid texts.
import { describe, expect, test } from 'vitest';
import { NO_FAULTS } from '../../src/sim/faultPlan.ts';
import {
  DISK_FAULTS_SYNTAX,
  FAULTS_SYNTAX,
  formatFaults,
  LOG_FAULTS_SYNTAX,
  listFaults,
  NODE_FAULTS_SYNTAX,
  parseFaults,
  SERVICE_FAULTS_SYNTAX,
  withoutFault,
} from '../../src/sim/faultText.ts';

describe('a fault plan in words', () => {
  test('sets what it names and leaves the rest healthy', () => {
    expect(parseFaults(FAULTS_SYNTAX)).toEqual({
      ...NO_FAULTS,
      loss: 0.1,
      duplication: 0.1,
      minDelayMs: 1,
      maxDelayMs: 40,
      tail: 0.05,
      tailDelayMs: 2000,
      depth: 2,
    });
    expect(parseFaults('loss=1')).toEqual({ ...NO_FAULTS, loss: 1 });
    expect(parseFaults('delay=0..0.5')).toEqual({ ...NO_FAULTS, minDelayMs: 0, maxDelayMs: 0.5 });
    expect(parseFaults('none')).toEqual(NO_FAULTS);
  });

  test('sets what disks do apart from what the network does', () => {
    expect(parseFaults(DISK_FAULTS_SYNTAX)).toEqual({
      ...NO_FAULTS,
      disks: {
        ...{ minDelayMs: 1, maxDelayMs: 20, tail: 0.05, tailDelayMs: 600 },
        ...{ full: 0.01, failure: 0.01, recordWeight: 1 },
      },
    });
    const mixed = parseFaults('disk-failure=0.5,loss=0.1');
    expect(mixed).toEqual({
      ...NO_FAULTS,
      loss: 0.1,
      disks: { ...NO_FAULTS.disks, failure: 0.5 },
    });
  });

  test('says how logs and runs are treated, too', () => {
    expect(parseFaults(LOG_FAULTS_SYNTAX)).toEqual({
      ...NO_FAULTS,
      disks: { ...NO_FAULTS.disks, recordWeight: 100 },
      newRun: 1,
    });
  });

  test('sets what becomes of the way to the configuration service', () => {
    expect(parseFaults(SERVICE_FAULTS_SYNTAX)).toEqual({
      ...NO_FAULTS,
      service: { minDelayMs: 1, maxDelayMs: 300, tail: 0.1, tailDelayMs: 2000, cutOff: 0.2 },
    });
  });

  test('sets how delays are chosen', () => {
    expect(parseFaults('schedule=pct:2')).toEqual({ ...NO_FAULTS, depth: 2 });
    expect(parseFaults('schedule=pct')).toEqual({ ...NO_FAULTS, depth: 3 });
    expect(parseFaults('schedule=uniform')).toEqual(NO_FAULTS);
  });

  test('sets what is wrong with single nodes', () => {
    expect(parseFaults(NODE_FAULTS_SYNTAX)).toEqual({
      ...NO_FAULTS,
      nodes: {
        ...{ drifting: 0.5, drift: 0.1, jumping: 0.2, jumpMs: 5000 },
        ...{ slow: 0.2, stepMs: 20, stall: 0.01, stallMs: 3000 },
      },
    });
  });

  test('has names for its faults, and can do without one', () => {
    const plan = parseFaults(`loss=0.1,${DISK_FAULTS_SYNTAX}`);
    expect(listFaults(plan)).toEqual([
      ...['loss', 'disk-delay', 'disk-tail', 'disk-full', 'disk-failure'],
    ]);
    expect(formatFaults(withoutFault(plan, 'disk-delay'))).toBe(
      'loss=0.1,disk-tail=0.05:600,disk-full=0.01,disk-failure=0.01',
    );
    expect(withoutFault(parseFaults('loss=0.1'), 'loss')).toEqual(NO_FAULTS);
    expect(listFaults(NO_FAULTS)).toEqual([]);
  });

  test.each([
    ...[
      FAULTS_SYNTAX,
      DISK_FAULTS_SYNTAX,
      LOG_FAULTS_SYNTAX,
      SERVICE_FAULTS_SYNTAX,
      NODE_FAULTS_SYNTAX,
      `${FAULTS_SYNTAX},${DISK_FAULTS_SYNTAX}`,
    ],
    ...['schedule=pct:2', 'loss=0.1,delay=1..40,schedule=pct:9,stall=0.1:300', 'stall=0.1:50'],
    ...['none', 'loss=0.02', 'delay=1..300', 'duplication=0.5,tail=0.2:500', 'disk-full=1'],
  ])('is written as it was read: %s', (text) => {
    expect(formatFaults(parseFaults(text))).toBe(text);
  });

  test.each([
    ['', "'' is none of loss, duplication, delay, tail, schedule, clock-drift, clock-jump, slow"],
    ['loss', "'loss' is none of"],
    ['lost=0.1', "'lost=0.1' is none of"],
    ['loss=1.1', "'1.1' is no share"],
    ['loss=-0.1', "'-0.1' is no share"],
    ['loss=0.1,loss=0.2', 'loss is named twice'],
    ['delay=40..1', 'the shorter one first'],
    ['delay=40', "'40' is no delay: two milliseconds, the shorter one first, such as 1..40"],
    ['delay=40ms', "'40ms' is no delay"],
    ['delay=1ms..40ms', "'1ms' is no time: milliseconds from 0 to 60000, without a unit: 1"],
    ['delay=..40', 'a time is missing: milliseconds from 0 to 60000'],
    ['delay=1..2..3', 'the shorter one first'],
    ['delay=1..60001', "'60001' is no time"],
    ['tail=0.1', "'0.1' is not a share and a time, as in tail=0.05:2000"],
    ['tail=0.1:5:6', 'a share and a time'],
    ['tail=0.1:', 'a time is missing: milliseconds from 0 to 60000'],
    ['disk-tail=0.1', 'as in disk-tail=0.05:600'],
    ['service-tail=0.1', 'as in service-tail=0.1:2000'],
    ['loss=0.1,', "'' is none of"],
    ['disk-loss=0.1', 'as in disk-delay=1..20'],
    ['disk-full=2', "'2' is no share"],
    ['disk-delay=20..1', 'the shorter one first'],
    ['disk-tail=0.1:60001', "'60001' is no time"],
    ['disk-compaction=0', "'0' is no weight"],
    ['disk-compaction=1000001', "'1000001' is no weight"],
    ['new-run=2', "'2' is no share"],
    ['new-start=1', 'as in disk-compaction=100,new-run=1'],
    ['schedule=pct:0', "'pct:0' is no schedule"],
    ['schedule=random', "'random' is no schedule"],
    ['clock-drift=0.5:0.6', 'a clock drifts by 0.5'],
    ['clock-drift=0.5', "'0.5' is not a share and a drift, as in clock-drift=0.5:0.1"],
    ['clock-drift=0.5:0.1:1', 'a share and a drift'],
    ['clock-jump=0.5:x', "'x' is no time"],
    ['clock-jump=0.5', 'as in clock-jump=0.2:5000'],
    ['slow=2:10', "'2' is no share"],
    ['slow=0.2', "'0.2' is not a share and a time, as in slow=0.2:20"],
    ['stall=0.1', 'as in stall=0.01:3000'],
    ['stall=0.1:49.999', 'the longest stop of a node is 50 ms or more, not 49.999 ms'],
    ['stall=0.1:60001', "'60001' is no time"],
    ['slow-down=1', 'as in clock-drift=0.5:0.1'],
    ['disk-failure=0.1,disk-failure=0.1', 'disk-failure is named twice'],
  ])('is refused: %j', (text, why) => {
    expect(() => parseFaults(text)).toThrow(why);
  });
});
