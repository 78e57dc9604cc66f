import { microseconds, milliseconds, seconds } from '../../../sim/time.ts';
import { memoryPreset, defaultMemory } from '../memory-presets.ts';
import { assumed, published, readInSource } from '../mark.ts';
import { schemePreset } from '../scheme-preset.ts';
import type { SchemePreset } from '../scheme-preset.ts';
import { comPlans } from './com.ts';
import { linuxCosts, noAddressLimit, noAnswers, noEncryption } from './linux-costs.ts';
import { platformPlans } from './platform-plans.ts';

const base = platformPlans(assumed('the platform programs rules before the switch-over'));

const conntrackd = readInSource('conntrackd(8) and conntrackd.conf(5), 1.4.7');
const conntrackdCost = assumed(
  'conntrackd 1.4.7 in FTFW mode, measured with bursts of 20,000 to 100,000 entries',
);

/** conntrackd between two hosts: every change is sent on, in batches, all the time. */
export const conntrackdLike: SchemePreset = schemePreset(
  'conntrackd-like',
  'conntrackd: entries are replicated continuously, without windows; nothing waits for them',
  {
    ...base,
    context: {
      ...base.context,
      entries: [['continuously'], conntrackd],
      engines: [['stateful-firewall'], conntrackd],
      fidelity: ['liberal', readInSource('conntrackd.conf(5): TCPWindowTracking is off by default')],
      batchEntries: [12, conntrackdCost],
      lagNs: [milliseconds(30), conntrackdCost],
    },
    transport: {
      ...base.transport,
      ...linuxCosts,
      bytesPerEntry: [103, conntrackdCost],
      readNsPerEntry: [0, conntrackd],
      exportNsPerEntry: [microseconds(5.5), conntrackdCost],
      importNsPerEntry: [microseconds(11), conntrackdCost],
      exportNsFixed: [0, conntrackd],
      acknowledgement: [
        noAnswers,
        assumed('FTFW answers, for 0.2 % of its bytes (measured), but nobody waits for the answers'),
      ],
    },
    reconcile: { ...base.reconcile, existing: ['replace', conntrackd] },
    cleanup: {
      ...base.cleanup,
      when: ['after-resume', conntrackd],
      delayNs: [seconds(60), readInSource('conntrackd.conf(5): PurgeTimeout 60 in the example')],
    },
  },
);

const nutanix = readInSource('Nutanix conntrack-migrator, 2021');
const vmstate = published('QEMU, docs/interop/dbus-vmstate.rst');

/** Entries in QEMU's last section, from a copy that the source keeps at hand; beyond the cap none at all. */
export const nutanixLike: SchemePreset = schemePreset(
  'nutanix-like',
  'Nutanix: entries travel once, in the stop phase, in QEMU’s device state; beyond 10,000 none does',
  {
    ...base,
    selection: {
      by: ['address', nutanix],
      sharedEntry: ['copy', nutanix],
      addressLimit: [
        { addresses: 127, beyond: 'move-nothing' },
        readInSource(
          'Nutanix conntrack-migrator, src/main.c: beyond 127 addresses, what a socket filter takes, none moves',
        ),
      ],
    },
    context: {
      ...base.context,
      entries: [['stop-phase'], nutanix],
      engines: [['stateful-firewall'], nutanix],
      fidelity: ['flags', nutanix],
      gate: [{ waits: true, timeoutNs: Infinity, then: 'abort' }, vmstate],
      cap: [{ bytes: 2 ** 20, entries: 10_000, beyond: 'move-nothing' }, nutanix],
    },
    transport: {
      ...base.transport,
      ...linuxCosts,
      channel: ['after-pages', vmstate],
      weight: [1, null],
      bytesPerEntry: [58, nutanix],
      // A local copy is kept up to date by events, so that nothing walks the kernel's table in the pause.
      exportNsFixed: [0, nutanix],
      readNsPerEntry: [0, nutanix],
      exportNsPerEntry: [linuxCosts.readNsPerEntry[0], assumed('as much as a dump takes')],
    },
    cleanup: {
      when: ['at-commit', nutanix],
      delayNs: [0, nutanix],
      by: ['address', nutanix],
      flushShared: [true, nutanix],
    },
  },
);

const proxmox = published('Proxmox VE 9: with-conntrack-state, has-dbus-vmstate of its API');
const proxmoxGuess = assumed('the server’s source could not be read');

export const proxmox9Like: SchemePreset = schemePreset(
  'proxmox-9-like',
  'Proxmox VE 9 with conntrack state: entries travel in the stop phase; beyond 1 MiB the migration fails',
  {
    ...base,
    selection: {
      by: ['address', proxmoxGuess],
      sharedEntry: ['copy', proxmoxGuess],
      addressLimit: [noAddressLimit, proxmoxGuess],
    },
    context: {
      ...base.context,
      entries: [['stop-phase'], proxmox],
      engines: [['stateful-firewall'], proxmox],
      fidelity: ['flags', proxmoxGuess],
      gate: [{ waits: true, timeoutNs: Infinity, then: 'abort' }, vmstate],
      cap: [{ bytes: 2 ** 20, entries: Infinity, beyond: 'fail' }, vmstate],
    },
    transport: {
      ...base.transport,
      ...linuxCosts,
      channel: ['after-pages', vmstate],
      weight: [1, null],
      bytesPerEntry: [linuxCosts.bytesPerEntry[0], proxmoxGuess],
      encryption: [
        noEncryption,
        assumed('Proxmox VE tunnels migrations through SSH unless told not to; what that takes is not known'),
      ],
    },
  },
);

const nsx = published('VMware NSX: the distributed firewall’s state of a vNIC moves with vMotion');

export const nsxLike: SchemePreset = schemePreset(
  'nsx-like',
  'NSX: the firewall’s state sits with the virtual NIC and moves with it in the stop phase',
  {
    ...base,
    context: {
      ...base.context,
      entries: [['stop-phase'], nsx],
      engines: [['stateful-firewall'], nsx],
      fidelity: ['full', assumed('the whole state of the vNIC')],
      gate: [{ waits: true, timeoutNs: Infinity, then: 'abort' }, nsx],
    },
    transport: { ...base.transport, ...linuxCosts, channel: ['after-pages', nsx], weight: [1, null] },
    inFlight: { ...base.inFlight, freeze: ['before-chain', assumed('the vNIC is quiesced with the VM')] },
  },
);

const postCopy = memoryPreset('post-copy') ?? defaultMemory;

/** CoM where memory follows after the resume: the whole context lies on the way to it. */
export const postCopyCom: SchemePreset = schemePreset(
  'post-copy-com',
  'CoM with post-copy: the guest resumes once its context is there, and fetches its memory afterwards',
  comPlans(['stop-phase'], 'full'),
  postCopy,
);
