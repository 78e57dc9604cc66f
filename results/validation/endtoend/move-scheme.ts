import type { ContextMoment, ContextPlan, Scheme, TransportPlan } from '../../../models/migration/scheme.ts';
import type { MemoryPlan } from '../../../models/migration/memory/memory-plan.ts';
import { noAddressLimit, noAnswers, noEncryption } from '../../../scenarios/presets/schemes/linux-costs.ts';
import { qemuAnnounceNs } from '../../../scenarios/presets/schemes/stock.ts';
import { milliseconds } from '../../../sim/time.ts';
import type { MeasuredScheme, MoveParams } from './measured-move.ts';
import { agent } from './rig.ts';

/** A measured scheme as plans: `foreignEntries` of others lie in the kernel's hash and are walked at each dump. */
export function moveScheme(params: MoveParams, memory: MemoryPlan, foreignEntries: number): Scheme {
  const { scheme } = params;
  return {
    name: scheme.id,
    memory,
    selection: { by: 'address', sharedEntry: 'copy', addressLimit: noAddressLimit },
    context: contextPlan(scheme),
    transport: transportPlan(foreignEntries),
    // A's firewall goes on judging what comes for the stopped guest, whose dead interface swallows it.
    inFlight: {
      freeze: 'not-at-all',
      packets: 'drop',
      holdBytesMax: 0,
      replay: 'before-chain',
      order: 'as-they-come',
    },
    cutover: {
      ...{ announceNs: qemuAnnounceNs, announcement: 'rarp', redirect: false, sessionReset: false },
      ...{ announceWhen: 'resumed', activateOn: 'resume', drain: false, drainDetourNs: 0 },
    },
    // Loaded without EXCL, so that an entry which is there is updated (meta.schemes.copy).
    reconcile: {
      existing: 'replace',
      checkPolicy: false,
      checkEntries: false,
      timeouts: 'remaining',
      tableFull: 'fail',
    },
    cleanup: { when: 'never', delayNs: 0, by: 'address', flushShared: false },
  };
}

function contextPlan(scheme: MeasuredScheme): ContextPlan {
  const { pol, copy, when, before, gate, skip } = scheme;
  const rulesComeLate = before !== undefined && before !== 'restricted';
  return {
    rules: rulesComeLate ? ['after-resume'] : [],
    entries: when === undefined ? [] : moments[when],
    fidelity: copy === 'liberal' ? 'liberal' : 'flags',
    untilInstalled: policyAtB[before ?? pol],
    whileBusy: skip === 1 ? 'skip' : 'queue',
    batchEntries: 1,
    lagNs: 0,
    afterResumeNs: milliseconds(scheme.late_ms),
    ...{ engines: 'all', perEngine: [], missingEngine: 'pass', store: 'host', lookupNs: 0 },
    gate: { waits: gate === 1, timeoutNs: Infinity, then: 'resume' },
    cap: { bytes: Infinity, entries: Infinity, beyond: 'fail' },
  };
}

/** When entries travel. A late copy is read in the stop phase and loaded later; here both come late. */
const moments: Readonly<Record<NonNullable<MeasuredScheme['when']>, readonly ContextMoment[]>> = {
  stop: ['stop-phase'],
  rounds: ['at-reservation', 'each-round', 'stop-phase'],
  start: ['at-reservation'],
  late: ['after-resume'],
};

/** `open` is in force at both hosts, so that the rules at B are those at A. */
const policyAtB: Readonly<Record<MeasuredScheme['pol'], ContextPlan['untilInstalled']>> = {
  restricted: 'rules',
  open: 'rules',
  dropall: 'drop-all',
  none: 'no-engine',
};

function transportPlan(foreignEntries: number): TransportPlan {
  return {
    channel: 'own-flow',
    weight: 1,
    bytesPerEntry: agent.bytesPerEntry,
    bytesPerRule: 0,
    readNsPerEntry: agent.dumpNsPerEntry,
    exportNsPerEntry: agent.encodeNsPerEntry,
    importNsPerEntry: agent.loadNsPerEntry,
    exportNsFixed: agent.startNs + agent.dumpNsFixed + foreignEntries * agent.dumpNsPerForeignEntry,
    importNsFixed: agent.loadNsFixed,
    installNsPerRule: 0,
    installNsFixed: 0,
    mebibyteNs: 0,
    encryption: noEncryption,
    acknowledgement: noAnswers,
  };
}
