import type { Scheme } from '../models/migration/scheme.ts';
import type { HostSpec } from './scenario.ts';
import type { FieldPath } from './source-problem.ts';

/** A field of a scheme, as a file names it, that cannot mean anything beside the others. */
export interface Contradiction {
  readonly field: FieldPath;
  readonly message: string;
  readonly allowed: string;
}

/** What a scheme says against itself, or against the tables of the hosts. */
export function schemeContradictions(scheme: Scheme, hosts: readonly HostSpec[]): Contradiction[] {
  return [
    ...contradictionsOfContext(scheme),
    ...contradictionsOfPackets(scheme),
    ...missingKeys(scheme, hosts),
  ];
}

function contradictionsOfContext({ context, reconcile }: Scheme): Contradiction[] {
  const { gate, cap, rules, entries } = context;
  const found: Contradiction[] = [];
  const early = [...rules, ...entries].filter((moment) => moment !== 'after-resume');
  if (gate.waits && early.length === 0) {
    const message = 'waits for context, but none travels before the resume';
    found.push({ field: ['context', 'gate', 'waits'], message, allowed: 'false, or a moment before it' });
  }
  if (!gate.waits && gate.timeoutNs !== Infinity) {
    const message = 'limits a wait, but the destination does not wait';
    found.push({ field: ['context', 'gate', 'timeout'], message, allowed: 'never, or waits: true' });
  }
  if (entries.length === 0 && (cap.bytes !== Infinity || cap.entries !== Infinity)) {
    const message = 'limits entries, but none travels';
    found.push({ field: ['context', 'cap'], message, allowed: 'unlimited, or a moment in `entries`' });
  }
  if ([...rules, ...entries].includes('continuously') && context.lagNs === 0) {
    const message = 'leaves no time between two readings';
    found.push({ field: ['context', 'lag'], message, allowed: 'more than 0 s with `continuously`' });
  }
  const beforeCommit = entries.some((moment) => moment !== 'after-resume');
  if (entries.length > 0 && !beforeCommit && (reconcile.tableFull === 'fail' || hasFailingCap(context))) {
    const field = reconcile.tableFull === 'fail' ? ['reconcile', 'table_full'] : ['context', 'cap', 'beyond'];
    const message = 'fails the migration over entries that travel when it is over';
    found.push({ field, message, allowed: 'another consequence, or a moment before the resume' });
  }
  return found;
}

function hasFailingCap({ cap }: Scheme['context']): boolean {
  return cap.beyond === 'fail' && (cap.bytes !== Infinity || cap.entries !== Infinity);
}

function contradictionsOfPackets({ inFlight, cleanup }: Scheme): Contradiction[] {
  const found: Contradiction[] = [];
  if (inFlight.packets === 'hold' && inFlight.holdBytesMax === 0) {
    const message = 'holds packets, but no byte of them';
    found.push({ field: ['in_flight', 'hold_max'], message, allowed: 'more than 0 B, or packets: drop' });
  }
  if (cleanup.delayNs !== 0 && cleanup.when !== 'after-resume') {
    const message = `delays what happens ${cleanup.when.replaceAll('-', ' ')}`;
    found.push({ field: ['cleanup', 'delay'], message, allowed: '0 s, or when: after-resume' });
  }
  return found;
}

/** Zones and marks tell VMs apart only where a host's tables have them; a table for each VM needs neither. */
function missingKeys({ selection, cleanup }: Scheme, hosts: readonly HostSpec[]): Contradiction[] {
  const needs = { zone: 'per-zone', mark: 'marked' } as const;
  const places = [
    { field: ['selection', 'by'], by: selection.by },
    { field: ['cleanup', 'by'], by: cleanup.by },
  ];
  return places.flatMap(({ field, by }) => {
    if (by === 'interface' || by === 'address') return [];
    const without = hosts.find(({ engines }) =>
      engines.some(({ table }) => table !== 'per-vm' && table !== needs[by]),
    );
    if (without === undefined) return [];
    const message = `selects by ${by}, which the tables of ${without.name} do not have`;
    return [{ field, message, allowed: `interface, address, or tables that are ${needs[by]}` }];
  });
}
