import { travelsAt } from '../models/migration/engine-plan.ts';
import type { ContextMoment, EnginePlan, Scheme } from '../models/migration/scheme.ts';
import { contradictionsOfEngines, missingKeys } from './engine-contradictions.ts';
import type { EngineWorld } from './engine-contradictions.ts';
import type { FieldPath } from './source-problem.ts';

/** A field of a scheme, as a file names it, that cannot mean anything beside the others. */
export interface Contradiction {
  readonly field: FieldPath;
  readonly message: string;
  readonly allowed: string;
}

/** What a scheme says against itself, or against the engines of the hosts. */
export function schemeContradictions(scheme: Scheme, world: EngineWorld): Contradiction[] {
  return [
    ...contradictionsOfContext(scheme),
    ...contradictionsOfPackets(scheme),
    ...contradictionsOfTransport(scheme),
    ...contradictionsOfStores(scheme),
    ...contradictionsOfEngines(scheme, world),
    ...missingKeys(scheme, world.hosts),
  ];
}

function contradictionsOfContext(scheme: Scheme): Contradiction[] {
  const { context } = scheme;
  const { gate, rules, entries, perEngine } = context;
  const found: Contradiction[] = [];
  const gated = [{ rules, entries, gated: true }, ...perEngine].filter((plan) => plan.gated);
  const early = gated.flatMap((plan) => [...plan.rules, ...plan.entries]).filter(isBeforeResume);
  if (gate.waits && early.length === 0) {
    const message = 'waits for context, but none travels before the resume';
    found.push({ field: ['context', 'gate', 'waits'], message, allowed: 'false, or a moment before it' });
  }
  if (!gate.waits && gate.timeoutNs !== Infinity) {
    const message = 'limits a wait, but the destination does not wait';
    found.push({ field: ['context', 'gate', 'timeout'], message, allowed: 'never, or waits: true' });
  }
  if (travelsAt(context, 'continuously') && context.lagNs === 0) {
    const message = 'leaves no time between two readings';
    found.push({ field: ['context', 'lag'], message, allowed: 'more than 0 s with `continuously`' });
  }
  found.push(...contradictionsOfParts(context, ['context'], scheme));
  perEngine.forEach((plan, index) => {
    found.push(...contradictionsOfParts(plan, ['context', 'per_engine', index], scheme));
  });
  return found;
}

/** What the moments of all engines, or of one, and their cap say against each other. */
function contradictionsOfParts(
  { rules, entries, cap }: Pick<EnginePlan, 'rules' | 'entries' | 'cap'>,
  place: FieldPath,
  { memory, reconcile: { tableFull } }: Scheme,
): Contradiction[] {
  const found: Contradiction[] = [];
  const roundless = memory.kind === 'stop-and-copy' || memory.kind === 'post-copy';
  for (const [part, moments] of Object.entries({ rules, entries })) {
    if (!roundless || moments.length === 0 || !moments.every((moment) => moment === 'each-round')) continue;
    const message = `travels with rounds of memory, of which ${memory.kind} has none`;
    found.push({ field: [...place, part], message, allowed: 'another moment, or a memory plan with rounds' });
  }
  const capped = cap.bytes !== Infinity || cap.entries !== Infinity;
  if (entries.length === 0 && capped) {
    const message = 'limits entries, but none travels';
    found.push({ field: [...place, 'cap'], message, allowed: 'unlimited, or a moment in `entries`' });
  }
  if (rules.includes('on-demand')) {
    const message = 'fetches rules for single packets, which are judged by all rules';
    found.push({ field: [...place, 'rules'], message, allowed: 'another moment' });
  }
  const failsOverCap = capped && cap.beyond === 'fail';
  const late = entries.length > 0 && !entries.some(isBeforeResume);
  if (late && (tableFull === 'fail' || failsOverCap)) {
    const field = tableFull === 'fail' ? ['reconcile', 'table_full'] : [...place, 'cap', 'beyond'];
    const message = 'fails the migration over entries that travel when it is over';
    found.push({ field, message, allowed: 'another consequence, or a moment before the resume' });
  }
  return found;
}

function isBeforeResume(moment: ContextMoment): boolean {
  return moment !== 'after-resume' && moment !== 'on-demand';
}

function contradictionsOfPackets({ inFlight, cleanup }: Scheme): Contradiction[] {
  const found: Contradiction[] = [];
  if (inFlight.packets === 'hold' && inFlight.holdBytesMax === 0) {
    const message = 'holds packets, but no byte of them';
    found.push({ field: ['in_flight', 'hold_max'], message, allowed: 'more than 0 B, or packets: drop' });
  }
  if (inFlight.packets === 'drop' && inFlight.order === 'held-first') {
    const message = 'puts held packets first, but none is held';
    found.push({ field: ['in_flight', 'order'], message, allowed: 'as-they-come, or packets: hold' });
  }
  if (cleanup.delayNs !== 0 && cleanup.when !== 'after-resume') {
    const message = `delays what happens ${cleanup.when.replaceAll('-', ' ')}`;
    found.push({ field: ['cleanup', 'delay'], message, allowed: '0 s, or when: after-resume' });
  }
  return found;
}

/** How context goes, and which of it, where some does. */
function contradictionsOfTransport({ selection, context, transport, reconcile }: Scheme): Contradiction[] {
  const found: Contradiction[] = [];
  const plans = [context, ...context.perEngine];
  const entries = plans.some((plan) => plan.entries.length > 0);
  const travels = entries || plans.some((plan) => plan.rules.length > 0);
  if (!travels && transport.encryption.protocol !== 'none') {
    const message = 'encrypts context, but none travels';
    const field = ['transport', 'encryption', 'protocol'];
    found.push({ field, message, allowed: 'none, or a moment in `rules` or `entries`' });
  }
  if (!travels && transport.acknowledgement.by === 'destination') {
    const message = 'answers context, but none travels';
    const field = ['transport', 'acknowledgement', 'by'];
    found.push({ field, message, allowed: 'stream, or a moment in `rules` or `entries`' });
  }
  if (!entries && reconcile.checkEntries) {
    const message = 'checks entries, but none travels';
    found.push({
      field: ['reconcile', 'check_entries'],
      message,
      allowed: 'false, or a moment in `entries`',
    });
  }
  if (selection.by !== 'address' && selection.addressLimit.addresses !== Infinity) {
    const message = `limits a list of addresses, but items are told by ${selection.by}`;
    const field = ['selection', 'address_limit', 'addresses'];
    found.push({ field, message, allowed: 'unlimited, or by: address' });
  }
  return found;
}

/** Where dynamic context is, and whether somebody tells the network and the source of it. */
function contradictionsOfStores({ context, cutover, cleanup }: Scheme): Contradiction[] {
  const found: Contradiction[] = [];
  const remote = context.store === 'remote';
  if (remote && [context, ...context.perEngine].some(({ entries }) => entries.length > 0)) {
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
