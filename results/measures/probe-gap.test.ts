import { expect, test } from 'vitest';
import { probeGap } from './probe-gap.ts';

function probes(answers: string): { workload: string; index: number; sentNs: number; answered: boolean }[] {
  return Array.from(answers, (mark, index) => ({
    workload: 'ping',
    index,
    sentNs: index * 10,
    answered: mark === '.',
  }));
}

test('the longest run and the number of lost probes are given in periods', () => {
  // Lost: 1 + 3 + 2; a period of 10 ns.
  expect(probeGap(probes('..x..xxx.xx'), { workload: 'ping', periodNs: 10, deadlineNs: 100 }, 1000)).toEqual({
    longestNs: 30,
    lostNs: 60,
  });
});

test('answers count in the order of sending, not of their ends', () => {
  const shuffled = probes('.xx.').reverse();
  expect(probeGap(shuffled, { workload: 'ping', periodNs: 10, deadlineNs: 100 }, 1000)?.longestNs).toBe(20);
});

test('without a probe there is no gap to speak of', () => {
  expect(probeGap(probes('xx'), { workload: 'other', periodNs: 10, deadlineNs: 100 }, 1000)).toBeNull();
});

test('a probe whose deadline the run did not reach is not lost', () => {
  // Sent at 0, 10, 20, 30; a deadline of 100 has passed at 119 for the first two.
  expect(probeGap(probes('xxxx'), { workload: 'ping', periodNs: 10, deadlineNs: 100 }, 119)?.lostNs).toBe(20);
});
