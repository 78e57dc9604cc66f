import { guestMisfit } from './qemu-guest.ts';

/** A measured migration of the data set, reduced to what a simulator may know and what it is held against. */
export interface QemuMeasurement {
  readonly id: string;
  readonly rep: number;
  readonly params: QemuRunParams;
  readonly pageRateBefore: number;
  readonly measured: QemuOutcome;
}

export interface QemuRunParams {
  readonly guestRamPages: number;
  readonly nonzeroPages: number;
  readonly maxBandwidthBps: number;
  readonly downtimeLimitMs: number;
  /** Rate of the link's token bucket; null over loopback. */
  readonly linkBps: number | null;
  /** Set by hand; null when the kernel tunes it. */
  readonly socketBufferBytes: number | null;
  readonly endsAfterS: number;
  readonly postcopyAtS: number | null;
  readonly capabilities: readonly string[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly workload: QemuWorkload;
}

export interface QemuWorkload {
  readonly pattern: 'idle' | 'uniform' | 'hot' | 'seq' | 'burst';
  readonly setPages: number;
  readonly staticPages: number;
  readonly nominalPagesPerS: number;
  readonly hotShare: number;
  readonly hotWriteShare: number;
  readonly onMs: number;
  readonly offMs: number;
  readonly phaseMs: number;
  readonly writeBytes: number;
}

/** Null where a run has no such figure: cancelled ones have no times. */
export interface QemuOutcome {
  readonly status: string;
  readonly total_ms: number | null;
  readonly transferred_bytes: number | null;
  readonly sync_count: number | null;
  readonly downtime_ms: number | null;
  readonly client_gap_ms: number | null;
}

/** Reads a file like golden-qemu.json; throws a RangeError that names the run and field it cannot use. */
export function readQemuMeasurements(data: unknown): QemuMeasurement[] {
  const runs = field(data, 'runs', 'file');
  if (!Array.isArray(runs)) throw new RangeError('file: "runs" is not a list of migrations');
  return runs.map((run: unknown, index) => readRun(run, `runs[${index}]`));
}

function readRun(run: unknown, place: string): QemuMeasurement {
  const measured = field(run, 'measured', place);
  const inMeasured = `${place}.measured`;
  const params = readParams(field(run, 'params', place), `${place}.params`);
  const pageRateBefore = number(measured, 'page_rate_before', inMeasured);
  const { pattern } = params.workload;
  if (pageRateBefore < 0 || (pageRateBefore === 0 && pattern !== 'idle' && pattern !== 'burst')) {
    throw new RangeError(
      `${inMeasured}.page_rate_before: a rate of ${pageRateBefore}; a guest that writes nothing is idle`,
    );
  }
  const misfit = guestMisfit(params);
  if (misfit !== null) throw new RangeError(`${place}.params: ${misfit}`);
  return {
    id: text(run, 'id', place),
    rep: number(run, 'rep', place),
    params,
    pageRateBefore,
    measured: {
      status: text(run, 'status', place),
      total_ms: maybeNumber(measured, 'total_time_ms', inMeasured),
      transferred_bytes: maybeNumber(measured, 'transferred', inMeasured),
      sync_count: maybeNumber(measured, 'sync_count', inMeasured),
      downtime_ms: maybeNumber(measured, 'downtime_ms', inMeasured),
      client_gap_ms: maybeNumber(measured, 'client_gap_ms', inMeasured),
    },
  };
}

const mebibyte = 2 ** 20;
const pageBytes = 4096;

function readParams(params: unknown, place: string): QemuRunParams {
  const linkMbit = maybePositive(params, 'link_mbit', place);
  const pageSize = maybePositive(params, 'page_size', place) ?? pageBytes;
  if (pageSize !== pageBytes) throw new RangeError(`${place}.page_size: pages have ${pageBytes} bytes here`);
  const ends = [maybePositive(params, 'cancel_at_s', place), maybePositive(params, 'giveup_s', place)];
  const capabilities = field(params, 'capabilities', place);
  return {
    guestRamPages: positive(params, 'guest_ram_pages', place),
    nonzeroPages: positive(params, 'nonzero_guest_pages_at_start', place),
    maxBandwidthBps: positive(params, 'max_bandwidth_mib_s', place) * mebibyte * 8,
    downtimeLimitMs: positive(params, 'downtime_limit_ms', place),
    linkBps: linkMbit === null ? null : linkMbit * 1e6,
    socketBufferBytes: maybePositive(params, 'socket_buffer_bytes', place),
    endsAfterS: Math.min(...ends.map((end) => end ?? Infinity)),
    postcopyAtS: maybePositive(params, 'postcopy_at_s', place),
    capabilities: Array.isArray(capabilities) ? capabilities.map(String) : [],
    parameters: numbers(field(params, 'migration_parameters', place)),
    workload: readWorkload(field(params, 'workload', place), `${place}.workload`),
  };
}

function readWorkload(workload: unknown, place: string): QemuWorkload {
  const pattern = text(workload, 'pattern', place);
  if (!isPattern(pattern)) throw new RangeError(`${place}.pattern: "${pattern}" is not a known pattern`);
  const orZero = (name: string): number => {
    if (needs[pattern].includes(name)) return positive(workload, name, place);
    return maybeNumber(workload, name, place) ?? 0;
  };
  return {
    pattern,
    setPages: number(workload, 'ws_pages', place),
    staticPages: number(workload, 'static_fill_pages', place),
    nominalPagesPerS: orZero('rate_pages_s_nominal'),
    hotShare: orZero('hot_pct') / 100,
    hotWriteShare: orZero('hot_write_pct') / 100,
    onMs: orZero('on_ms'),
    offMs: orZero('off_ms'),
    phaseMs: orZero('phase_ms'),
    writeBytes: number(workload, 'write_bytes', place),
  };
}

/** What a pattern cannot be without. */
const needs: Readonly<Record<QemuWorkload['pattern'], readonly string[]>> = {
  idle: [],
  uniform: [],
  hot: ['hot_pct', 'hot_write_pct'],
  seq: [],
  burst: ['rate_pages_s_nominal', 'on_ms', 'off_ms'],
};

const patterns: readonly string[] = [
  'idle',
  'uniform',
  'hot',
  'seq',
  'burst',
] satisfies QemuWorkload['pattern'][];

function isPattern(pattern: string): pattern is QemuWorkload['pattern'] {
  return patterns.includes(pattern);
}

function field(object: unknown, name: string, place: string): unknown {
  if (typeof object !== 'object' || object === null) throw new RangeError(`${place}: not an object`);
  const value: unknown = Reflect.get(object, name);
  if (value === undefined) throw new RangeError(`${place}.${name}: missing`);
  return value;
}

function text(object: unknown, name: string, place: string): string {
  const value = field(object, name, place);
  if (typeof value !== 'string') throw new RangeError(`${place}.${name}: not a text`);
  return value;
}

function number(object: unknown, name: string, place: string): number {
  const value = maybeNumber(object, name, place);
  if (value === null) throw new RangeError(`${place}.${name}: missing`);
  return value;
}

/** Sizes, rates and times of zero or less cannot have been measured. */
function positive(object: unknown, name: string, place: string): number {
  const value = number(object, name, place);
  if (value <= 0) throw new RangeError(`${place}.${name}: ${value} is not above 0`);
  return value;
}

function maybePositive(object: unknown, name: string, place: string): number | null {
  return maybeNumber(object, name, place) === null ? null : positive(object, name, place);
}

function maybeNumber(object: unknown, name: string, place: string): number | null {
  if (typeof object !== 'object' || object === null) throw new RangeError(`${place}: not an object`);
  const value: unknown = Reflect.get(object, name) ?? null;
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new RangeError(`${place}.${name}: not a number`);
  return value;
}

function numbers(object: unknown): Record<string, number> {
  if (typeof object !== 'object' || object === null) return {};
  return Object.fromEntries(
    Object.entries(object).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
