import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { handoverBars } from './handover-bars.ts';
import { handoverFile, handoverRun, type HandoverRun } from './handover-file.ts';
import { validateHandovers } from './handover.ts';

const file = new URL('../../reference/golden-handover.json.gz', import.meta.url);
const { meta, runs } = handoverFile.parse(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')));
const recorded = runs.map((run) => handoverRun.parse(run));

function only(wanted: (run: HandoverRun) => boolean): unknown {
  return { meta, runs: runs.filter((_, index) => wanted(recorded[index]!)) };
}

describe('Recorded handovers', () => {
  test('end as they did where state, or none of it, is moved as a whole', () => {
    const schemes = [
      '1-nothing-drop',
      '1-nothing-accept',
      '2-rules',
      '2-rules-loose0',
      '3-netlink-entryliberal',
    ];
    const found = validateHandovers(
      only(({ scheme, blackout_ms: blackoutMs }) => schemes.includes(scheme) && blackoutMs === 100),
    );
    expect(found.runs).toBe(10);
    // 21 flows under 5 schemes, with two replicates that agree.
    expect([found.flows, found.flows_agreeing]).toEqual([105, 105]);
    expect(found.probes_agreeing / found.probes).toBeGreaterThan(0.97);
    expect(found.first_payload.within_one_step).toBeGreaterThan(0.97);
    // Ten runs have the entries of the end, two of them copied 22 and say what the load came to.
    expect([found.entries, found.entries_agreeing]).toEqual([14, 14]);
    expect(found.ftp).toEqual({ recorded: 30, agreeing: 30 });
    expect(found.new_connections).toEqual({ recorded: 30, agreeing: 30 });
  });

  test('go on when they did, also where nobody noted in which phase the cut met them', () => {
    const found = validateHandovers(
      only(({ scheme, set }) => scheme === '3-netlink-entryliberal' && set !== 'phase'),
    );
    // 8 runs of 21 flows, all of which live; 2 with the state at the cut.
    const { first_payload_with_cut: withCut, first_payload_without_cut: without } = found;
    expect([withCut.flows, without.flows]).toEqual([42, 126]);
    expect(withCut.within_40_ms_or_3_percent).toBeGreaterThan(0.97);
    expect(without.within_40_ms_or_3_percent).toBeGreaterThan(0.8);
  });

  test('die, under a strict copy, where the cut met a burst', () => {
    const found = validateHandovers(
      only(
        ({ scheme, set, run }) => scheme === '3-netlink-flags' && set === 'phase' && (run === 8 || run === 9),
      ),
    );
    expect(found.strict_copy).toEqual({
      ...{ flows: 36, flows_agreeing: 36, dead: 1, dead_simulated: 1, dead_in_both: 1, disagreements: [] },
    });
  });

  test('have the share of survivors that was recorded where the loader stops at an error', () => {
    const found = validateHandovers(
      only(({ scheme, blackout_ms: blackoutMs }) => scheme === '3-save-loose0' && blackoutMs === 20),
    );
    expect(found.flows).toBe(0);
    expect(found.by_distribution).toHaveLength(21);
    expect(found.by_distribution.every(({ within }) => within)).toBe(true);
    // Half of the orders have a given entry before the one at which the tool stops.
    const bulk = found.by_distribution.find(({ flow }) => flow === 'in-bulk-up');
    expect(bulk?.simulated).toBeCloseTo(0.5, 1);
  });
});

describe('What is not understood', () => {
  test('is listed and not scored: a scheme, a rule set, a kind of flow, a missing field', () => {
    const [good] = recorded;
    const odd = [
      { ...good, params: { rules: 'restricted', copy: 'telepathy' } },
      { ...good, params: { rules: 'restricted', teleport_ms: 3 } },
      { ...good, params: { rules: 'nowhere' } },
      { ...good, flows: [{ ...good!.flows[0]!, kind: 'multicast' }] },
      { ...good, actual_blackout_ms: undefined },
    ];
    const found = validateHandovers({ meta, runs: odd });
    expect(found.runs).toBe(0);
    expect(found.flows).toBe(0);
    expect(found.not_scored.map(({ place }) => place)).toEqual(
      [0, 1, 2, 3, 4].map((index) => `runs.${index}`),
    );
    const reasons = found.not_scored.map(({ why }) => why).join('\n');
    for (const name of ['copy', 'teleport_ms', 'nowhere', 'multicast', 'actual_blackout_ms'])
      expect(reasons).toContain(name);
  });

  test('is a probe on a flow that the run lacks: the rest of the run is scored', () => {
    const [good] = recorded;
    const flows = good!.flows.filter(({ flow }) => flow !== 'in-idle-victim');
    const found = validateHandovers({ meta, runs: [{ ...good, flows }] });
    expect(found.flows).toBe(20);
    // Three phases and the one before the cut, of 11 probes.
    expect(found.probes).toBe(44);
    expect(found.not_scored).toEqual([
      {
        place: 'runs.0',
        why: 'probe "data-spoofed-in-idle-victim" is left out: the run has no flow "in-idle-victim"',
      },
    ]);
  });

  test('is a recording of another kernel', () => {
    const found = validateHandovers({ meta: { ...meta, kernel: '4.17.0' }, runs: runs.slice(0, 1) });
    expect(found.runs).toBe(0);
    expect(found.not_scored[0]?.why).toContain('4.17.0');
  });

  test('is an error where the file has another form', () => {
    expect(() => validateHandovers({ runs: [] })).toThrow('meta');
    expect(() => validateHandovers([])).toThrow();
  });
});

test('A figure of which a file has nothing has no bar to miss', () => {
  const found = validateHandovers({ meta, runs: [] });
  expect(handoverBars(found).every(({ reached, met }) => reached === null && met)).toBe(true);
});
