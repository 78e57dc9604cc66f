import type { ContextMoment, ContextPlan, Fidelity } from '../../../models/migration/scheme.ts';
import { assumed } from '../mark.ts';
import { schemePreset } from '../scheme-preset.ts';
import type { Marked, MarkedPlans, SchemePreset } from '../scheme-preset.ts';
import { linuxCosts, noAddressLimit } from './linux-costs.ts';
import { qemuAnnounceNs } from './stock.ts';

/**
 * Three reconstructions of CoM (Chen et al., IC-BNMT 2009 and China Communications 8(3), 2011), of which only
 * the abstracts could be read: they say that the security context moves with the VM, not when or how.
 */
const ours = assumed('our reconstruction: the abstracts of 2009 and 2011 do not say');
const stateOfTheArt = assumed(
  'as in the migration that it extends: Clark et al., NSDI 2005; QEMU, net/announce.c',
);

function contextPlan(entries: readonly ContextMoment[], fidelity: Fidelity): Marked<ContextPlan> {
  const everyRound = entries.includes('each-round');
  return {
    rules: [['at-reservation'], ours],
    entries: [entries, ours],
    fidelity: [
      fidelity,
      fidelity === 'full' ? assumed('an engine that can export its windows') : linuxInterface,
    ],
    untilInstalled: ['drop-all', ours],
    whileBusy: ['skip', everyRound ? ours : null],
    batchEntries: [1, null],
    lagNs: [0, null],
    afterResumeNs: [0, null],
    engines: ['all', ours],
    perEngine: [[], null],
    missingEngine: ['fail', ours],
    store: ['host', ours],
    lookupNs: [0, null],
    gate: [{ waits: true, timeoutNs: Infinity, then: 'abort' }, ours],
    cap: [{ bytes: Infinity, entries: Infinity, beyond: 'fail' }, ours],
  };
}

const linuxInterface = assumed('what the interfaces of Linux 6.18 allow, measured');

/** CoM's plans, with entries that travel at these moments and arrive with this fidelity. */
export function comPlans(entries: readonly ContextMoment[], fidelity: Fidelity): MarkedPlans {
  return {
    selection: {
      by: ['interface', ours],
      sharedEntry: ['copy', ours],
      addressLimit: [noAddressLimit, null],
    },
    context: contextPlan(entries, fidelity),
    transport: { channel: ['after-pages', ours], weight: [1, null], ...linuxCosts },
    inFlight: {
      freeze: ['before-chain', ours],
      packets: ['drop', stateOfTheArt],
      holdBytesMax: [0, null],
      replay: ['before-chain', null],
      order: ['as-they-come', null],
    },
    cutover: {
      announceNs: [qemuAnnounceNs, stateOfTheArt],
      announcement: ['rarp', stateOfTheArt],
      redirect: [false, stateOfTheArt],
      sessionReset: [false, stateOfTheArt],
      announceWhen: ['resumed', stateOfTheArt],
      activateOn: ['resume', stateOfTheArt],
      drain: [false, ours],
      drainDetourNs: [0, null],
    },
    reconcile: {
      existing: ['replace', ours],
      checkPolicy: [false, ours],
      checkEntries: [false, ours],
      timeouts: ['remaining', ours],
      tableFull: ['fail', ours],
    },
    cleanup: {
      when: ['at-commit', ours],
      delayNs: [0, ours],
      by: ['interface', ours],
      flushShared: [false, ours],
    },
  };
}

const variants = [
  { suffix: '', fidelity: 'full', means: '' },
  {
    suffix: '-liberal',
    fidelity: 'liberal',
    means: '; entries arrive without windows and are never checked',
  },
  { suffix: '-strict', fidelity: 'flags', means: '; entries arrive without windows and learn them again' },
] as const;

function comPresets(name: string, entries: readonly ContextMoment[], means: string): SchemePreset[] {
  return variants.map(({ suffix, fidelity, means: more }) =>
    schemePreset(`${name}${suffix}`, `${means}${more}`, comPlans(entries, fidelity)),
  );
}

const comStop = comPresets('com-stop', ['stop-phase'], 'CoM: all entries travel in the stop phase');
const comEarly = comPresets(
  'com-early',
  ['at-reservation', 'stop-phase'],
  'CoM: a snapshot of the entries at the start of pre-copy, one difference in the stop phase',
);
const comRounds = comPresets(
  'com-rounds',
  ['at-reservation', 'each-round', 'stop-phase'],
  'CoM: a snapshot of the entries, a difference with every pre-copy round, the last one in the stop phase',
);
const com = comPresets(
  'com',
  ['at-reservation', 'each-round', 'stop-phase'],
  'another name of com-rounds, chosen by us',
).slice(0, 1);

/** The three readings of CoM, each with full entries and with what Linux's interfaces allow, and the alias. */
export const comSchemes: readonly SchemePreset[] = [...comStop, ...comEarly, ...comRounds, ...com];
