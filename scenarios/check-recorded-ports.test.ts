import { expect, test } from 'vitest';
import { refuseMetPorts } from './check-recorded-ports.ts';
import { ResolveProblems } from './resolve-problems.ts';
import type { RecordedSpec } from './workload-spec.ts';

/** Connections of one client to one service, a millisecond apart, each open for so long; Infinity for one that nobody closes. */
function problemsOf(count: number, openNs: number): readonly string[] {
  const flows: RecordedSpec['flows'] = Array.from({ length: count }, (_, index) => ({
    ...{ peer: 'client', protocol: 'tcp', initiator: 'peer', port: 80, atNs: index * 1e6, messages: [] },
    closes: openNs === Infinity ? 'nobody' : 'peer',
    closesAtNs: openNs === Infinity ? 0 : openNs,
    otherClosesAtNs: 0,
  }));
  const problems = new ResolveProblems();
  refuseMetPorts({ kind: 'recorded', name: 'r', vm: 'v', flows, startNs: 0, stopNs: 0 }, ['workloads', 0], {
    problems,
  });
  return problems.problems.map(({ message }) => message);
}

test('a connection may have the port of an earlier one that has ended, not of one that is open', () => {
  // The 28,233rd is the first to have a port again, 28.232 s after the first.
  expect(problemsOf(28_232, Infinity)).toEqual([]);
  expect(problemsOf(28_233, 28e9)).toEqual([]);
  expect(problemsOf(28_233, 29e9)).toEqual(['flow 28232 would have the port of flow 0, which is still open']);
  expect(problemsOf(28_233, Infinity)).toHaveLength(1);
});
