import type { ContextMoment, Scheme } from '../models/migration/scheme.ts';
import type { EngineSpec, HostSpec } from './scenario.ts';
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
    ...contradictionsOfStores(scheme),
    ...contradictionsOfEngines(scheme, hosts),
    ...missingKeys(scheme, hosts),
  ];
}

function contradictionsOfContext({ context, reconcile }: Scheme): Contradiction[] {
  const { gate, cap, rules, entries } = context;
  const found: Contradiction[] = [];
  const early = [...rules, ...entries].filter(isBeforeResume);
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
  if (rules.includes('on-demand')) {
    const message = 'fetches rules for single packets, which are judged by all rules';
    found.push({ field: ['context', 'rules'], message, allowed: 'another moment' });
  }
  const beforeCommit = entries.some(isBeforeResume);
  if (entries.length > 0 && !beforeCommit && (reconcile.tableFull === 'fail' || hasFailingCap(context))) {
    const field = reconcile.tableFull === 'fail' ? ['reconcile', 'table_full'] : ['context', 'cap', 'beyond'];
    const message = 'fails the migration over entries that travel when it is over';
    found.push({ field, message, allowed: 'another consequence, or a moment before the resume' });
  }
  return found;
}

function isBeforeResume(moment: ContextMoment): boolean {
  return moment !== 'after-resume' && moment !== 'on-demand';
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

/** Where dynamic context is, and whether somebody tells the network and the source of it. */
function contradictionsOfStores({ context, cutover, cleanup }: Scheme): Contradiction[] {
  const found: Contradiction[] = [];
  const remote = context.store === 'remote';
  if (remote && context.entries.length > 0) {
    const message = 'moves entries that no host holds';
    found.push({ field: ['context', 'entries'], message, allowed: '[], or store: host' });
  }
  if (!remote && context.lookupNs !== 0) {
    const message = 'delays packets for a store that is not asked';
    found.push({ field: ['context', 'lookup'], message, allowed: '0 s, or store: remote' });
  }
  if (!cutover.drain && cutover.drainDetourNs !== 0) {
    const message = 'delays packets of connections that are not drained';
    found.push({ field: ['cutover', 'drain_detour'], message, allowed: '0 s, or drain: true' });
  }
  if (cutover.drain && cleanup.when !== 'when-drained' && cleanup.when !== 'never') {
    const message = 'forgets what old connections go on through';
    found.push({ field: ['cleanup', 'when'], message, allowed: 'when-drained, never, or drain: false' });
  }
  if (!cutover.drain && cleanup.when === 'when-drained') {
    const message = 'waits for connections to drain, but none is drained';
    found.push({ field: ['cleanup', 'when'], message, allowed: 'another moment, or drain: true' });
  }
  if (cutover.activateOn === 'announcement' && cutover.announceNs.length === 0) {
    const message = 'waits for an announcement that never comes';
    found.push({ field: ['cutover', 'activate_on'], message, allowed: 'resume, or an announcement' });
  }
  return found;
}

/** A plan moves items only of engines that there are, and that give them away. */
function contradictionsOfEngines({ context }: Scheme, hosts: readonly HostSpec[]): Contradiction[] {
  const { engines: chosen, entries } = context;
  const all = hosts.flatMap(({ name: host, engines }) => engines.map((engine) => ({ host, engine })));
  const isChosen = ({ name, kind }: EngineSpec): boolean =>
    chosen === 'all' || chosen.includes(name) || chosen.includes(kind);
  const names = [...new Set(all.map(({ engine }) => engine.name))].join(', ');
  const unknown = chosen === 'all' ? [] : chosen.filter((word) => !isKnown(word, all));
  const found: Contradiction[] = unknown.map((word) => ({
    field: ['context', 'engines'],
    message: `names "${word}", which no host has`,
    allowed: `all, or names or kinds of engines: ${names}`,
  }));
  const mute = all.find(({ engine }) => isChosen(engine) && isMute(engine));
  if (entries.length > 0 && mute !== undefined) {
    const message = `moves what ${mute.engine.name} on ${mute.host} cannot export`;
    const allowed = `engines without ${mute.engine.name}, or exports: full or partial there`;
    found.push({ field: ['context', 'engines'], message, allowed });
  }
  return found;
}

function isKnown(word: string, engines: readonly { readonly engine: EngineSpec }[]): boolean {
  // The firewall is named by the presets of today's platforms, whether a scenario has one or not.
  if (word === 'stateful-firewall') return true;
  return engines.some(({ engine }) => engine.name === word || engine.kind === word);
}

function isMute(engine: EngineSpec): boolean {
  return engine.kind !== 'stateful-firewall' && engine.exports === 'none';
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
      engines.some(
        (engine) =>
          engine.kind === 'stateful-firewall' && engine.table !== 'per-vm' && engine.table !== needs[by],
      ),
    );
    if (without === undefined) return [];
    const message = `selects by ${by}, which the tables of ${without.name} do not have`;
    return [{ field, message, allowed: `interface, address, or tables that are ${needs[by]}` }];
  });
}
