import { ScenarioError } from '../../sim/assert.ts';
import type { Problem } from '../../sim/assert.ts';

/**
 * What the runs of a recording set that the model of QEMU does not know, or that changes none of its figures: said, so
 * that nobody takes it for simulated. What changes how pages travel and is not modelled is refused with a
 * ScenarioError, all runs at once. Sources: QEMU's qapi/migration.json, 7.2 to 9.1.
 */
export function ignoredQemuSettings(data: unknown): Problem[] {
  const refused: Problem[] = [];
  const ignored = new Map<string, Problem & { runs: number }>();
  const say: Say = {
    refuse: (place, message, allowed) => void refused.push({ place, message, allowed }),
    ignore: (place, message, allowed) => {
      const known = ignored.get(message);
      if (known === undefined) ignored.set(message, { place, message, allowed, runs: 1 });
      else known.runs++;
    },
  };
  const { runs } = fields(data);
  (Array.isArray(runs) ? runs : []).forEach((run: unknown, i) => {
    const { id, params } = fields(run);
    const name = typeof id === 'string' ? ` (${id})` : '';
    checkRun(fields(params), `runs[${i}]${name}.params`, say);
  });
  if (refused.length > 0) throw new ScenarioError(refused);
  return [...ignored.values()].map(({ place, message, allowed, runs }) => {
    return { place, message: runs === 1 ? message : `${message} (so in ${runs} runs)`, allowed };
  });
}

type Fields = Readonly<Record<string, unknown>>;

interface Say {
  readonly refuse: (place: string, message: string, allowed: string) => void;
  /** The same message of many runs is said once, at the first. */
  readonly ignore: (place: string, message: string, allowed: string) => void;
}

const modelled = ['auto-converge', 'xbzrle', 'multifd', 'postcopy-ram', 'postcopy-preempt'];

/** Capabilities that change neither what is sent nor when, in a guest without disks and assigned devices. */
const neutral = [
  'events',
  'return-path',
  'late-block-activate',
  'validate-uuid',
  'zero-blocks',
  'dirty-bitmaps',
  'switchover-ack',
  'release-ram',
];

/** Capabilities that change what is sent or when, and are not modelled here. */
const other: Readonly<Record<string, string>> = {
  'mapped-ram': 'writes pages to fixed places of a file',
  'rdma-pin-all': 'moves pages by RDMA',
  compress: 'compresses pages; a scenario can, with wire.compression',
  'dirty-limit': 'slows vCPUs by a quota; a scenario can, with throttle: dirty-limit',
  'background-snapshot': 'saves the guest while it is write-protected',
  'x-colo': 'goes on copying for ever',
  'x-ignore-shared': 'leaves out shared memory',
  'zero-copy-send': 'sends pages without copying them',
  'pause-before-switchover': 'waits for the management while the guest is stopped',
  block: 'moves disks in the same stream',
};

const choice = `without it, or ${modelled.join(', ')}`;

function checkRun(params: Fields, place: string, say: Say): void {
  const capabilities = capabilitiesOf(params, place, say);
  const at = `${place}.capabilities`;
  for (const name of capabilities) {
    if (modelled.includes(name)) continue;
    const effect = Object.hasOwn(other, name) ? other[name] : undefined;
    if (effect !== undefined) say.refuse(at, `"${name}" is not modelled: it ${effect}`, choice);
    else if (neutral.includes(name)) say.ignore(at, `"${name}" changes nothing here: ignored`, '');
    else say.ignore(at, `"${name}" is no capability that the model knows: ignored`, choice);
  }
  const has = (name: string): boolean => capabilities.includes(name);
  const postCopy = has('postcopy-ram');
  if (typeof params['postcopy_at_s'] === 'number' && !postCopy) {
    say.refuse(
      `${place}.postcopy_at_s`,
      'starts post-copy, which is not allowed',
      'the capability postcopy-ram',
    );
  }
  if (has('postcopy-preempt') && !postCopy)
    say.refuse(at, '"postcopy-preempt" works in post-copy only', 'postcopy-ram beside it');
  for (const [one, two] of clashes) {
    if (has(one) && has(two)) say.refuse(at, `"${one}" with "${two}" is not modelled`, 'one of them');
  }
  checkParameters(params, capabilities, `${place}.migration_parameters`, say);
  for (const name of Object.keys(params)) {
    if (!knownKeys.includes(name)) say.ignore(`${place}.${name}`, `"${name}" is not read: ignored`, '');
  }
}

/** QEMU refuses most of these pairs itself in later versions. */
const clashes = [
  ['multifd', 'xbzrle'],
  ['multifd', 'postcopy-ram'],
] as const;

const knownKeys = [
  'ram_mib',
  'page_size',
  'total_pages',
  'guest_ram_pages',
  'nonzero_guest_pages_at_start',
  'max_bandwidth_mib_s',
  'downtime_limit_ms',
  'link',
  'link_mbit',
  'socket_buffer_bytes',
  'giveup_s',
  'capabilities',
  'migration_parameters',
  'postcopy_at_s',
  'cancel_at_s',
  'workload',
];

function capabilitiesOf(params: Fields, place: string, say: Say): readonly string[] {
  const written = params['capabilities'];
  if (!Array.isArray(written)) {
    say.refuse(`${place}.capabilities`, 'is not a list of names', '[] or ["auto-converge"]');
    return [];
  }
  return written.flatMap((name: unknown, i) => {
    if (typeof name === 'string') return [name];
    say.refuse(
      `${place}.capabilities[${i}]`,
      'is not a name',
      'names of those that are on, such as "auto-converge"',
    );
    return [];
  });
}

/** The capability that a parameter belongs to; without it, QEMU does not look at the parameter. */
const ofCapability: Readonly<Record<string, string>> = {
  'throttle-trigger-threshold': 'auto-converge',
  'cpu-throttle-initial': 'auto-converge',
  'cpu-throttle-increment': 'auto-converge',
  'max-cpu-throttle': 'auto-converge',
  'cpu-throttle-tailslow': 'auto-converge',
  'xbzrle-cache-size': 'xbzrle',
  'multifd-channels': 'multifd',
  'multifd-compression': 'multifd',
  'max-postcopy-bandwidth': 'postcopy-ram',
};

const read = [
  'throttle-trigger-threshold',
  'cpu-throttle-initial',
  'cpu-throttle-increment',
  'max-cpu-throttle',
  'xbzrle-cache-size',
  'max-postcopy-bandwidth',
];

/** Parameters that have one value here, QEMU's default; another one changes how pages travel. */
const fixed: Readonly<Record<string, unknown>> = {
  'cpu-throttle-tailslow': false,
  'multifd-compression': 'none',
  'avail-switchover-bandwidth': 0,
  'tls-creds': '',
  mode: 'normal',
};

function checkParameters(params: Fields, capabilities: readonly string[], place: string, say: Say): void {
  for (const [name, value] of Object.entries(fields(params['migration_parameters']))) {
    const at = `${place}.${name}`;
    const owner = ofCapability[name];
    const kept = Object.hasOwn(fixed, name) ? fixed[name] : undefined;
    if (owner !== undefined && !capabilities.includes(owner)) {
      say.ignore(at, `"${name}" does nothing without the capability ${owner}: ignored`, '');
    } else if (read.includes(name)) {
      if (!(typeof value === 'number' && value >= 0))
        say.refuse(at, `${show(value)} is no value`, 'a number, 0 or more');
    } else if (kept !== undefined) {
      if (value !== kept) say.refuse(at, `${show(value)} is not modelled`, show(kept));
    } else if (name === 'multifd-channels') {
      if (value !== 2) say.ignore(at, '"multifd-channels": two are modelled; the number is ignored', '2');
    } else if (name === 'max-bandwidth' || name === 'downtime-limit') {
      checkTwice(params, name, value, at, say);
    } else {
      say.ignore(at, `"${name}" is no parameter that the model reads: ignored`, read.join(', '));
    }
  }
}

/** A limit that stands among the parameters as well has to be the same. */
function checkTwice(
  params: Fields,
  name: 'max-bandwidth' | 'downtime-limit',
  value: unknown,
  at: string,
  say: Say,
): void {
  const [key, scale] =
    name === 'max-bandwidth'
      ? (['max_bandwidth_mib_s', 2 ** 20] as const)
      : (['downtime_limit_ms', 1] as const);
  const said = Number(params[key]) * scale;
  if (value !== said) say.refuse(at, `${show(value)} contradicts ${key}`, String(said));
}

function show(value: unknown): string {
  return JSON.stringify(value);
}

/** A part of parsed JSON as an object; what has the wrong kind is told where the measurements are read. */
function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
