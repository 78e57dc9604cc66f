import { z } from 'zod';
import type { EntrySelection } from '../../../models/security/entry-selection.ts';
import type { LoadMode } from '../../../models/security/security-engine.ts';
import type { Ruleset } from '../../../models/security/ruleset.ts';
import type { Address } from '../../../models/network/address.ts';
import { importNftText } from '../../../scenarios/import/nft-text.ts';
import { wholeRuleset } from '../../../scenarios/import/imported-ruleset.ts';
import { milliseconds, ms } from '../../../sim/time.ts';
import { endAddresses } from './east-west-world.ts';
import type { EastWestMeta, EastWestRun, HostName, VmName } from './east-west-file.ts';

/** What is done with the entries of the VMs that move together. */
export interface Move {
  readonly vms: readonly VmName[];
  readonly from: HostName;
  readonly to: HostName;
  /** When they are cut off, and when they are back, from the first cut. */
  readonly cutNs: number;
  readonly resumeNs: number;
  /** When the copy is done: the source forgets the VM's zone. */
  readonly copiedNs: number;
  readonly flushNs: number;
}

export interface EastWestPlan {
  readonly bridged: boolean;
  readonly tcpLoose: boolean;
  readonly startAt: Readonly<Record<VmName, HostName>>;
  readonly moves: readonly Move[];
  readonly copy: LoadMode | null;
  /** Entries of a VM that are copied, and those that its source deletes; null for none. */
  readonly select: (vm: VmName) => EntrySelection | null;
  readonly flush: (vm: VmName) => EntrySelection | null;
  readonly rules: Ruleset;
  /** The source's rules once the VM has left, where they change. */
  readonly rulesAfter: Ruleset | null;
}

const selectors = ['addr', 'zone', 'mark', 'markbit', 'markonly'] as const;
type Selector = (typeof selectors)[number];

const flag = z.union([z.literal(0), z.literal(1)]);

const params = z.strictObject({
  topo: z.enum(['routed', 'bridged']),
  motion: z.enum(['depart', 'join', 'both', 'seq']).default('depart'),
  copy: z.enum(['save', 'savefix', 'naive', 'noflags', 'flags', 'liberal', 'full']).nullable(),
  sel: z.enum(selectors).optional(),
  flush: z.enum(selectors).nullable(),
  flush_ms: z.number().nonnegative().optional(),
  zones: flag.default(0),
  zone_removed: flag.default(0),
  mark: z.enum(['initiator', 'bits']).optional(),
  loose: flag.default(1),
});

/** The plan of a run, or why there is none. */
export function eastWestPlan(run: EastWestRun, meta: EastWestMeta): EastWestPlan | string {
  const parsed = params.safeParse(run.params);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${run.case}: params: ${issue === undefined ? 'not understood' : `${issue.path.join('.')} ${issue.message}`}`;
  }
  const { data } = parsed;
  const text = meta.nft[run.nft_id];
  if (text === undefined) return `${run.case}: meta.nft has no "${run.nft_id}"`;
  if (data.copy !== null && data.sel === undefined) return `${run.case}: params.sel: missing`;
  const moves = movesOf(data.motion, milliseconds(run.blackout_ms), data.flush_ms);
  const { sel, flush } = data;
  return {
    bridged: data.topo === 'bridged',
    tcpLoose: data.loose === 1,
    startAt: { v1: moves[0]!.from, v2: 'A' },
    moves,
    copy: data.copy,
    select: (vm) => (sel === undefined ? null : selection(sel, vm)),
    flush: (vm) => (flush === null ? null : selection(flush, vm)),
    rules: wholeRuleset(importNftText(text, `meta.nft.${run.nft_id}`)),
    rulesAfter:
      data.zone_removed === 1 ? wholeRuleset(importNftText(withoutZone(text, 'v1'), 'meta.nft')) : null,
  };
}

function movesOf(
  motion: 'depart' | 'join' | 'both' | 'seq',
  blackoutNs: number,
  flushMs: number | undefined,
): Move[] {
  const move = (vms: readonly VmName[], from: HostName, cutNs: number): Move => {
    const resumeNs = cutNs + blackoutNs;
    const copiedNs = cutNs + copyNs;
    const flushNs = flushMs === undefined ? copiedNs : resumeNs + milliseconds(flushMs);
    return { vms, from, to: from === 'A' ? 'B' : 'A', cutNs, resumeNs, copiedNs, flushNs };
  };
  switch (motion) {
    case 'depart':
      return [move(['v1'], 'A', 0)];
    case 'join':
      return [move(['v1'], 'B', 0)];
    case 'both':
      return [move(['v1', 'v2'], 'A', 0)];
    case 'seq':
      return [move(['v1'], 'A', 0), move(['v2'], 'A', blackoutNs + betweenMovesNs)];
  }
}

/** meta.params, `seq`: from the first resume to the second cut. */
const betweenMovesNs = 1_500 * ms;
/** A copy takes about so long, and a flush follows it (`events` of the recording). */
const copyNs = 15 * ms;

/** meta.params, `sel` and `flush`: the VM's address, its zone, its number as the mark, or its bit in the mark. */
function selection(selector: Selector, vm: VmName): EntrySelection {
  const number = vm === 'v1' ? 1 : 2;
  switch (selector) {
    case 'addr': {
      const address: Address = endAddresses[vm];
      return { kind: 'addresses', addresses: [address] };
    }
    case 'zone':
      return { kind: 'zone', zone: number };
    case 'mark':
      return { kind: 'mark', mask: 0xffffffff, value: number };
    case 'markbit':
      return { kind: 'mark', mask: number, value: number };
    case 'markonly':
      return { kind: 'mark', mask: 3, value: number };
  }
}

/** The rules without those that put a VM's packets into its zone. */
function withoutZone(text: string, vm: VmName): string {
  const zone = ` ct zone set ${vm === 'v1' ? 1 : 2}`;
  return text
    .split('\n')
    .filter((line) => !`${line} `.includes(`${zone} `))
    .join('\n');
}
