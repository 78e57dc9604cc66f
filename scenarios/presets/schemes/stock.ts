import type { ContextPlan } from '../../../models/migration/scheme.ts';
import { milliseconds } from '../../../sim/time.ts';
import { assumed, published, readInSource } from '../mark.ts';
import { schemePreset } from '../scheme-preset.ts';
import type { Marked, MarkedPlans, SchemePreset } from '../scheme-preset.ts';
import { linuxCosts, linuxRuleCosts, noAddressLimit } from './linux-costs.ts';

const ignored = published(
  'Chen et al., IC-BNMT 2009, abstract: stock migration moves the VM’s state and ignores the security context',
);
const ours = assumed('our inference of what a destination without the context does');
const linux = readInSource('Linux, net/netfilter/nf_conntrack_core.c: entries go by their timeouts alone');

/** QEMU announces at 0, 50, 200, 450 and 800 ms after the resume (net/announce.c, defaults 50, 550, 5, 100). */
export const qemuAnnounceNs: readonly number[] = [0, 50, 200, 450, 800].map(milliseconds);

const noContext: Marked<ContextPlan> = {
  rules: [[], ignored],
  entries: [[], ignored],
  fidelity: ['full', null],
  untilInstalled: ['drop-all', ours],
  whileBusy: ['queue', null],
  batchEntries: [1, null],
  lagNs: [0, null],
  afterResumeNs: [0, null],
  engines: ['all', null],
  perEngine: [[], null],
  missingEngine: ['pass', ours],
  store: ['host', ignored],
  lookupNs: [0, null],
  gate: [{ waits: false, timeoutNs: Infinity, then: 'resume' }, ignored],
  cap: [{ bytes: Infinity, entries: Infinity, beyond: 'fail' }, null],
};

const stockPlans: MarkedPlans = {
  selection: {
    by: ['interface', null],
    sharedEntry: ['copy', null],
    addressLimit: [noAddressLimit, null],
  },
  context: noContext,
  transport: {
    channel: ['own-flow', null],
    weight: [1, null],
    ...linuxRuleCosts,
    bytesPerRule: [linuxCosts.bytesPerRule[0], null],
    installNsPerRule: [linuxCosts.installNsPerRule[0], null],
    installNsFixed: [linuxCosts.installNsFixed[0], null],
    mebibyteNs: [linuxCosts.mebibyteNs[0], null],
    encryption: [linuxCosts.encryption[0], null],
    acknowledgement: [linuxCosts.acknowledgement[0], null],
  },
  inFlight: {
    freeze: ['not-at-all', assumed('nothing tells the source’s engines of the pause')],
    packets: ['drop', published('Clark et al., NSDI 2005, section 4: a few packets in flight may be lost')],
    holdBytesMax: [0, null],
    replay: ['before-chain', null],
    order: ['as-they-come', null],
  },
  cutover: {
    announceNs: [qemuAnnounceNs, readInSource('QEMU, net/announce.c and migration/options.c')],
    announcement: ['rarp', readInSource('QEMU, net/announce.c')],
    redirect: [false, readInSource('QEMU: the source has no part in it after the switch-over')],
    sessionReset: [false, published('Clark et al., NSDI 2005: transparent to the guest and its peers')],
    announceWhen: ['resumed', readInSource('QEMU, net/announce.c: from the resume on')],
    activateOn: ['resume', readInSource('QEMU: the guest runs at once, nothing holds its packets')],
    drain: [false, readInSource('QEMU: the source has no part in it after the switch-over')],
    drainDetourNs: [0, null],
  },
  reconcile: {
    existing: ['keep', null],
    checkPolicy: [false, null],
    checkEntries: [false, null],
    timeouts: ['remaining', null],
    tableFull: ['fail', null],
  },
  cleanup: {
    when: ['never', linux],
    delayNs: [0, null],
    by: ['interface', null],
    flushShared: [false, null],
  },
};

/** Stock migration to a destination that fails closed. */
export const stockDrop: SchemePreset = schemePreset(
  'stock-drop',
  'stock live migration; the destination drops the VM’s packets, for which it has neither rules nor entries',
  stockPlans,
);

/** Stock migration to a destination that fails open. */
export const stockAccept: SchemePreset = schemePreset(
  'stock-accept',
  'stock live migration; the destination lets all packets of the VM through, unfiltered',
  { ...stockPlans, context: { ...noContext, untilInstalled: ['no-engine', ours] } },
);

/** The rules are at the destination before the VM; what traffic made is lost. */
export const rulesOnly: SchemePreset = schemePreset(
  'rules-only',
  'rules are installed at reservation; connection entries are lost and must be picked up again',
  {
    ...stockPlans,
    context: {
      ...noContext,
      rules: [
        ['at-reservation'],
        assumed('as platforms do that program rules per port before the switch-over'),
      ],
      gate: [{ waits: true, timeoutNs: Infinity, then: 'resume' }, assumed('rules before traffic')],
    },
    transport: {
      ...stockPlans.transport,
      ...linuxRuleCosts,
      channel: ['own-flow', assumed('whoever programs rules does not use the migration’s stream')],
      weight: [1, assumed('a flow like others')],
    },
    reconcile: { ...stockPlans.reconcile, checkPolicy: [false, assumed('whoever writes last is right')] },
    cleanup: {
      when: ['at-commit', assumed('the port goes away at the source')],
      delayNs: [0, assumed('at once')],
      by: ['interface', assumed('entries of the port that goes away')],
      flushShared: [false, assumed('the other end’s half stays')],
    },
  },
);
