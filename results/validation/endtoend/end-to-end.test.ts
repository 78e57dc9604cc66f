import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { endToEndBars } from './end-to-end-bars.ts';
import { validateEndToEnd } from './end-to-end.ts';
import { readMeasuredMoves } from './measured-move.ts';

interface Run {
  readonly id: string;
  readonly rep: number;
  readonly params: { readonly scheme: Readonly<Record<string, unknown>> };
}

const file = new URL('../../reference/golden-endtoend.json.gz', import.meta.url);
const recording = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as {
  readonly runs: readonly Run[];
};

function only(...ids: readonly string[]): { readonly runs: readonly Run[] } {
  return { runs: recording.runs.filter(({ id }) => ids.includes(id)) };
}

test('Every run of the recording can be read', () => {
  const { moves, notScored } = readMeasuredMoves(recording);
  // 61 runs, of which 57 completed (meta).
  expect(moves).toHaveLength(61);
  expect(moves.filter(({ status }) => status === 'completed')).toHaveLength(57);
  expect(notScored).toEqual([]);
});

test('Idle and lightly loaded guests are moved as they were measured', () => {
  const found = validateEndToEnd(
    only('256-idle-none-accept', '256-idle-rules', '256-low-com-stop-liberal-dl150'),
  );
  expect(found.runs).toBe(6);
  expect(found.verdicts).toEqual({ right: 6, wrong: 0 });
  // 19 flows in each of three cases.
  expect([found.flows, found.flows_agreeing]).toEqual([57, 57]);
  // Random sequence numbers of forged segments meet the windows now and then; of all other probes none is wrong.
  expect(found.disagreements.filter(({ flow }) => !flow.includes('spoofed'))).toEqual([]);
  expect(found.probes_agreeing / found.probes).toBeGreaterThan(0.96);
  // Each run is noisier than the median of many: the same guest's blackout was 214 and 323 ms.
  expect(found.error.total.median).toBeLessThan(0.05);
  expect(found.error.blackout.median).toBeLessThan(0.2);
  expect(found.error.gap_client_sender.median).toBeLessThan(0.2);
  expect(found.error.gap_vm_sender.median).toBeLessThan(0.2);
});

test('A migration that never converged does not converge', () => {
  const found = validateEndToEnd(only('256-low-none-accept-dl50'));
  expect(found.cases[0]?.simulated).toEqual({
    status: 'cancelled',
    blackout_ms: null,
    total_ms: null,
    context_loaded_ms: null,
  });
  expect(found.verdicts).toEqual({ right: 1, wrong: 0 });
});

test('What cannot be read is named and not scored', () => {
  const [good] = only('256-idle-rules').runs;
  const unknown = { ...good, params: { ...good!.params, scheme: { ...good!.params.scheme, pol: 'tarpit' } } };
  const extra = { ...good, params: { ...good!.params, scheme: { ...good!.params.scheme, compressed: 1 } } };
  const half = { ...good, params: { ...good!.params, scheme: { ...good!.params.scheme, copy: 'strict' } } };
  const withoutFlows = { ...good, flows: undefined };
  const { moves, notScored } = readMeasuredMoves({
    runs: [good, unknown, extra, half, withoutFlows, 'a run'],
  });
  expect(moves).toHaveLength(1);
  expect(notScored.map(({ place }) => place)).toEqual([
    ...['256-idle-rules, repeat 1', '256-idle-rules, repeat 1', '256-idle-rules, repeat 1'],
    ...['256-idle-rules, repeat 1', 'runs[5]'],
  ]);
  expect(notScored[0]?.why).toContain('params.scheme.pol');
  expect(notScored[1]?.why).toContain('compressed');
  expect(notScored[3]?.why).toContain('flows');
  expect(() => readMeasuredMoves({ sequences: [] })).toThrow(RangeError);
});

test('A flow or probe that is not known is named and left out, and the rest of the run is scored', () => {
  const [good] = only('256-idle-rules').runs as readonly (Run & {
    readonly flows: readonly Readonly<Record<string, unknown>>[];
    readonly probes: Readonly<Record<string, unknown>>;
  })[];
  const flows = [{ ...good!.flows[0], flow: 'in-sctp' }, ...good!.flows.slice(1)];
  const probes = { ...good!.probes, 'xmas-tree': good!.probes['rst-no-flow'] };
  const found = validateEndToEnd({ runs: [{ ...good, flows, probes }] });
  expect([found.runs, found.flows]).toEqual([1, 18]);
  expect(found.not_scored).toEqual([
    { place: '256-idle-rules, repeat 1', why: 'flow "in-sctp" is not known and left out' },
    { place: '256-idle-rules, repeat 1', why: 'probe "xmas-tree" is not known and left out' },
  ]);
});

test('A rig of another kernel or another QEMU is named and not scored', () => {
  const runs = only('256-idle-rules').runs;
  const rig = { host_kernel: '6.18.44', qemu: '7.2.22 (Debian 12)' };
  const reasons = (changes: Partial<typeof rig>): string[] =>
    readMeasuredMoves({ meta: { rig: { ...rig, ...changes } }, runs }).notScored.map(({ why }) => why);
  expect(reasons({})).toEqual([]);
  expect(reasons({ host_kernel: '5.15.0' })[0]).toContain('5.15.0');
  expect(reasons({ qemu: '9.1.0' })).toHaveLength(2);
});

test('Bars whose data are not there are left out, and the others are held', () => {
  const none = { median: null, p95: null };
  const bars = endToEndBars({
    ...{ runs: 4, not_scored: [], verdicts: { right: 3, wrong: 1 }, disagreements: [], cases: [] },
    ...{ flows: 100, flows_agreeing: 97, lookup_baseline: null, orders: 0, orders_right: 0 },
    ...{ pairs: 0, pairs_right: 0, pairs_wrong: [] },
    ...{ probes: 0, probes_agreeing: 0, probes_lookup_baseline: null, by_distribution: [] },
    ...{ entries: 0, entries_agreeing: 0 },
    first_payload: { flows: 0, within_40_ms_or_3_percent: null, within_one_step: null },
    error: {
      blackout: { median: 0.13, p95: 0.2 },
      ...{ total: none, context_loaded: none, gap_client_sender: none, gap_vm_sender: none },
    },
    repeats: {
      ...{ blackout: none, total: none, context_loaded: none },
      ...{ gap_client_sender: none, gap_vm_sender: none },
    },
  });
  expect(bars.map(({ figure, met }) => [figure, met])).toEqual([
    ['flow outcomes', true],
    ['blackout, median', false],
    ['blackout, p95', true],
    ['verdicts', false],
  ]);
});
