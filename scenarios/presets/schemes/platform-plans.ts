import { assumed, readInSource } from '../mark.ts';
import type { Mark } from '../mark.ts';
import type { MarkedPlans } from '../scheme-preset.ts';
import { linuxRuleCosts, noAddressLimit } from './linux-costs.ts';
import { qemuAnnounceNs } from './stock.ts';

const ours = assumed('nothing is published; as Linux and QEMU have it');
const qemu = readInSource('QEMU, net/announce.c');

/**
 * What today's platforms have in common where nothing else is known of one: rules are programmed before the
 * switch-over, entries stay behind, QEMU announces the VM. Each preset says what is its own.
 */
export function platformPlans(rules: Mark): MarkedPlans {
  return {
    selection: {
      by: ['interface', ours],
      sharedEntry: ['copy', ours],
      addressLimit: [noAddressLimit, null],
    },
    context: {
      rules: [['at-reservation'], rules],
      entries: [[], ours],
      fidelity: ['flags', null],
      untilInstalled: ['drop-all', ours],
      whileBusy: ['queue', null],
      batchEntries: [1, null],
      lagNs: [0, null],
      afterResumeNs: [0, null],
      engines: ['all', null],
      perEngine: [[], null],
      missingEngine: ['pass', ours],
      store: ['host', ours],
      lookupNs: [0, null],
      gate: [{ waits: false, timeoutNs: Infinity, then: 'resume' }, ours],
      cap: [{ bytes: Infinity, entries: Infinity, beyond: 'fail' }, ours],
    },
    transport: { channel: ['own-flow', ours], weight: [1, ours], ...linuxRuleCosts },
    inFlight: {
      freeze: ['not-at-all', ours],
      packets: ['drop', ours],
      holdBytesMax: [0, null],
      replay: ['before-chain', null],
      order: ['as-they-come', null],
    },
    cutover: {
      announceNs: [qemuAnnounceNs, qemu],
      announcement: ['rarp', qemu],
      redirect: [false, ours],
      sessionReset: [false, ours],
      announceWhen: ['resumed', qemu],
      activateOn: ['resume', ours],
      drain: [false, ours],
      drainDetourNs: [0, null],
    },
    reconcile: {
      existing: ['keep', ours],
      checkPolicy: [false, ours],
      checkEntries: [false, ours],
      timeouts: ['remaining', ours],
      tableFull: [
        'skip',
        assumed('Linux refuses an entry that finds no room (ENOMEM), and the loader goes on'),
      ],
    },
    cleanup: {
      when: ['at-commit', ours],
      delayNs: [0, ours],
      by: ['interface', ours],
      flushShared: [false, ours],
    },
  };
}
