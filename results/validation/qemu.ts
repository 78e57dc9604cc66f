import type { Problem } from '../../sim/assert.ts';
import { quantile } from '../statistics.ts';
import type { QemuMeasurement, QemuOutcome } from './qemu-measurement.ts';
import { readQemuMeasurements } from './qemu-measurement.ts';
import { simulateQemuRun } from './qemu-run.ts';
import { ignoredQemuSettings } from './qemu-settings.ts';

/** Median and 95th percentile of |simulated / measured - 1| (`*_off`: of |simulated - measured|); null: none. */
export interface ErrorQuantiles {
  readonly median: number | null;
  readonly p95: number | null;
}

export interface QemuGroup {
  readonly n: number;
  readonly total: ErrorQuantiles;
  readonly bytes: ErrorQuantiles;
  readonly sync_count: ErrorQuantiles;
  readonly sync_count_off: ErrorQuantiles;
  readonly downtime: ErrorQuantiles;
  readonly downtime_off_ms: ErrorQuantiles;
  readonly gap: ErrorQuantiles;
}

export interface QemuCase {
  readonly id: string;
  readonly rep: number;
  readonly measured: QemuOutcome;
  readonly simulated: QemuOutcome;
}

export type QemuGroupName =
  'pre-copy' | 'link' | 'xbzrle' | 'multifd' | 'auto-converge' | 'post-copy' | 'unlimited';

export interface QemuValidation {
  readonly runs: number;
  readonly groups: Readonly<Record<string, QemuGroup>>;
  readonly verdicts: { readonly right: number; readonly wrong: number };
  readonly cases: readonly QemuCase[];
  /** What the runs set that no figure here depends on. */
  readonly ignored: readonly Problem[];
}

/**
 * Holds the model of QEMU's migration against measured ones (`data` as in golden-qemu.json: QEMU 7.2, TCG, one
 * vCPU, up to 1 GiB), from the parameters of each run and the guest's page rate before it alone. Throws a
 * RangeError that names what it cannot read, and a ScenarioError of all settings that the model does not have.
 */
export function validateQemu(data: unknown): QemuValidation {
  const measurements = readQemuMeasurements(data);
  const ignored = ignoredQemuSettings(data);
  const cases = measurements.map((measurement) => ({
    id: measurement.id,
    rep: measurement.rep,
    measured: measurement.measured,
    simulated: medianOutcome(measurement),
  }));
  const groups: Record<string, QemuCase[]> = {};
  measurements.forEach((measurement, i) => {
    (groups[groupOf(measurement)] ??= []).push(cases[i]!);
  });
  const right = cases.filter(({ measured, simulated }) => measured.status === simulated.status).length;
  return {
    runs: cases.length,
    groups: Object.fromEntries(Object.entries(groups).map(([name, members]) => [name, summarize(members)])),
    verdicts: { right, wrong: cases.length - right },
    cases,
    ignored,
  };
}

/** So many simulations of each run; a run's figure is their median, its verdict that of most. */
const repetitions = 5;

/**
 * What the model says of a run. Whether a round just ends within a window or just misses it is chance, in the
 * simulation as in the laboratory, so that one simulation is one of many outcomes.
 */
function medianOutcome(measurement: QemuMeasurement): QemuOutcome {
  const outcomes = Array.from({ length: repetitions }, (_, i) =>
    simulateQemuRun(measurement, measurement.rep * repetitions + i),
  );
  const completed = outcomes.filter(({ status }) => status === 'completed');
  const most =
    completed.length * 2 > repetitions ? completed : outcomes.filter(({ status }) => status !== 'completed');
  const median = (figure: keyof QemuOutcome): number | null => {
    const values = most.map((outcome) => outcome[figure]).filter((value) => typeof value === 'number');
    return quantile(values, 0.5);
  };
  return {
    status: most[0]?.status ?? '',
    total_ms: median('total_ms'),
    transferred_bytes: median('transferred_bytes'),
    sync_count: median('sync_count'),
    downtime_ms: median('downtime_ms'),
    client_gap_ms: median('client_gap_ms'),
  };
}

/** The group that a run is judged with, by its parameters. */
export function groupOf({ params }: QemuMeasurement): QemuGroupName {
  if (params.postcopyAtS !== null) return 'post-copy';
  for (const name of ['auto-converge', 'xbzrle', 'multifd'] as const) {
    if (params.capabilities.includes(name)) return name;
  }
  if (params.linkBps !== null) return 'link';
  // A limit of 10,000 MiB/s is none: copying is then bound by the processors.
  return params.maxBandwidthBps >= 8e10 ? 'unlimited' : 'pre-copy';
}

function summarize(cases: readonly QemuCase[]): QemuGroup {
  const relative = (name: keyof QemuOutcome): ErrorQuantiles =>
    errors(cases, name, (simulated, measured) => Math.abs(simulated / measured - 1));
  const off = (name: keyof QemuOutcome): ErrorQuantiles =>
    errors(cases, name, (simulated, measured) => Math.abs(simulated - measured));
  return {
    n: cases.length,
    total: relative('total_ms'),
    bytes: relative('transferred_bytes'),
    sync_count: relative('sync_count'),
    sync_count_off: off('sync_count'),
    downtime: relative('downtime_ms'),
    downtime_off_ms: off('downtime_ms'),
    gap: relative('client_gap_ms'),
  };
}

function errors(
  cases: readonly QemuCase[],
  name: keyof QemuOutcome,
  error: (simulated: number, measured: number) => number,
): ErrorQuantiles {
  const values = cases.flatMap(({ measured, simulated }) => {
    const [real, ours] = [measured[name], simulated[name]];
    return typeof real === 'number' && typeof ours === 'number' ? [error(ours, real)] : [];
  });
  return { median: quantile(values, 0.5), p95: quantile(values, 0.95) };
}
