import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { noInstruments } from '../scenarios/instruments.ts';
import { loadScenario } from '../scenarios/load-scenario.ts';
import { workloadPresets } from '../scenarios/presets/workload-presets.ts';
import { ms, s } from '../sim/time.ts';
import type { RunRows } from './run-rows.ts';
import { runScenario } from './run-scenario.ts';
import { control } from './scheme-choice.ts';

const folder = fileURLToPath(new URL('../scenarios/workloads', import.meta.url));

function run(name: string, seconds: number): RunRows {
  const { scenario } = loadScenario(`${folder}/${name}.yaml`, [`until=${seconds + 2} s`]);
  return runScenario({
    ...{ scenario, choice: control, seed: 1, repetition: 0, replayCommand: '' },
    instruments: noInstruments,
  }).rows;
}

/** Messages and bytes of a workload each way, a second, from 2 s on: its connections are open then. */
function perSecond(
  rows: RunRows,
  workload: string,
): Record<'toVm' | 'toPeer' | 'bytesToVm' | 'bytesToPeer', number> {
  const flows = new Set(
    rows.connectionsOpened.filter((one) => one.workload === workload).map(({ flow }) => flow),
  );
  const sums = { toVm: 0, toPeer: 0, bytesToVm: 0, bytesToPeer: 0 };
  rows.messages.visit((flow, { to, bytes, timeNs }) => {
    if (!flows.has(flow) || timeNs < 2 * s) return;
    sums[to === 'vm' ? 'toVm' : 'toPeer']++;
    sums[to === 'vm' ? 'bytesToVm' : 'bytesToPeer'] += bytes;
  });
  const seconds = (rows.endNs - 2 * s) / s;
  const rate = (sum: number): number => sum / seconds;
  return {
    ...{ toVm: rate(sums.toVm), toPeer: rate(sums.toPeer) },
    ...{ bytesToVm: rate(sums.bytesToVm), bytesToPeer: rate(sums.bytesToPeer) },
  };
}

/** Four standard deviations of a count with exponential pauses, as a share of it. */
const fourSigma = (count: number): number => 4 / Math.sqrt(count);

describe('an example of a workload', () => {
  it('exists for each that has a name', () => {
    const examples = readdirSync(folder);
    for (const { name } of workloadPresets) expect(examples).toContain(`${name}.yaml`);
  });

  it.each([
    // Users over pause and round trip, about 0.1 ms: 16/50 ms, 10/10 ms, 5/5 s, 10/1 s, 10/200 ms.
    ['oltp', 'transactions', 20, 16 / 0.0501],
    ['key-value', 'lookups', 20, 10 / 0.0101],
    ['ssh', 'typing', 200, 5 / 5],
    ['dns', 'served', 100, 10 / 1],
    ['quic', 'rebinding', 20, 10 / 0.2],
  ] as const)('%s asks and answers as often as its users think', (name, workload, seconds, expected) => {
    const { toVm, toPeer } = perSecond(run(name, seconds), workload);
    expect(Math.abs(toVm / expected - 1)).toBeLessThan(fourSigma(expected * seconds));
    expect(Math.abs(toPeer - toVm) * seconds).toBeLessThanOrEqual(16);
  });

  it('static-web opens ten connections of five requests a second in its open loop', () => {
    const { toVm } = perSecond(run('static-web', 100), 'new-readers');
    expect(Math.abs(toVm / 50 - 1)).toBeLessThan(fourSigma(10 * 100));
  });

  it('specweb99 fetches files at 400 kbit/s on each connection', () => {
    const { toPeer, bytesToPeer } = perSecond(run('specweb99', 20), 'conforming');
    // 100 connections, each a file every 292 ms and 0.3 ms that it takes.
    expect(toPeer / (100 / 0.2923)).toBeCloseTo(1, 2);
    // Files of 14,675 bytes with a standard deviation of 51 kB: 4.3 % of the mean of 6,800.
    expect(Math.abs((bytesToPeer * 8) / (100 * 400_000) - 1)).toBeLessThan(4 * 0.043);
  });

  it('ftp carries a file for each user and 2 s of thinking', () => {
    const rows = run('ftp', 100);
    const data = rows.connectionsOpened.filter(
      ({ workload, timeNs }) => workload === 'fetching' && timeNs > 2 * s,
    );
    // Three users; a file of 1.65 MB on average takes 14 ms.
    expect(Math.abs(data.length / (300 / 2.014) - 1)).toBeLessThan(fourSigma(149));
  });

  it.each([
    ['bulk-down', 'fetching', 'bytesToPeer'],
    ['bulk-up', 'storing', 'bytesToVm'],
  ] as const)('%s fills the link', (name, workload, bytes) => {
    // 1 Gbit/s, of which a frame of 1538 bytes carries 1460; the first window and losses cost less than 2 %.
    const share = (perSecond(run(name, 10), workload)[bytes] * 8) / (1e9 * (1460 / 1538));
    expect(share).toBeGreaterThan(0.98);
    // One piece of 64 KiB more or less.
    expect(share).toBeLessThan(1.001);
  });

  it.each([
    // Flows over period, by the peer and by the VM: 5 viewers report every 5 s and get 200 datagrams a second.
    ['media-stream', 'viewers', 5 / 5, 5 * 200, 1316],
    ['game-server', 'players', 6 * 30, 6 * 20, null],
    ['video-call', 'calls', 2 * 100, 2 * 100, 1000],
  ] as const)('%s keeps its pace both ways', (name, workload, toVm, toPeer, size) => {
    const rates = perSecond(run(name, 20), workload);
    // One datagram of each flow more or less in 20 s.
    expect(Math.abs(rates.toVm - toVm)).toBeLessThanOrEqual(6 / 20);
    expect(Math.abs(rates.toPeer - toPeer)).toBeLessThanOrEqual(6 / 20);
    if (size !== null) expect(rates.bytesToPeer / rates.toPeer).toBe(size);
  });

  it.each(['kernel-compile', 'idle'])('%s sends nothing', (name) => {
    expect(run(name, 9).connectionsOpened).toHaveLength(0);
  });

  it('recorded says everything at its time', () => {
    const offered = new Map<number, (readonly [number, number])[]>();
    run('recorded', 18).messages.visit((flow, { offeredNs, bytes }) => {
      offered.set(flow, [...(offered.get(flow) ?? []), [Math.round((offeredNs - 13 * s) / ms), bytes]]);
    });
    // The file's times and sizes, from its start at 13 s on.
    expect([...offered.values()]).toEqual([
      [
        [1, 72],
        [12, 300_205],
      ],
      [
        [933, 30],
        [937, 90],
      ],
      [
        [1319, 72],
        [1320, 300_204],
        [3314, 90],
        [3315, 512],
      ],
    ]);
  });
});
