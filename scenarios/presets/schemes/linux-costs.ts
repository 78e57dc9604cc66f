import type {
  AcknowledgementPlan,
  EncryptionPlan,
  SelectionPlan,
  TransportPlan,
} from '../../../models/migration/scheme.ts';
import { microseconds } from '../../../sim/time.ts';
import { assumed } from '../mark.ts';
import type { Marked } from '../scheme-preset.ts';

const measured = assumed('as Linux 6.18.44 takes it, measured: results/reference/costs.json');

/** Lists of addresses may be as long as they like. */
export const noAddressLimit: SelectionPlan['addressLimit'] = { addresses: Infinity, beyond: 'fail' };

/**
 * Nothing is encrypted. The times are those of a scheme that turns it on: AES-256-GCM in blocks of 16 KiB takes
 * 190 us a mebibyte; two X25519 operations, an ECDSA P-256 signature and the check of one 134 us (`openssl speed`, 3.0.19, on
 * one core of a Xeon with AES-NI).
 */
export const noEncryption: EncryptionPlan = {
  protocol: 'none',
  mebibyteNs: microseconds(190),
  handshakeNs: microseconds(134),
};

/**
 * Nobody answers. The numbers are those of a scheme that turns answers on: conntrackd's ACKWindowSize of 300 messages
 * (conntrackd.conf(5), example) and its message of 16 bytes (include/network.h, nethdr_ack) with UDP, IPv4 and Ethernet headers.
 */
export const noAnswers: AcknowledgementPlan = { by: 'stream', itemsPerAnswer: 300, bytes: 58, ns: 1000 };

/**
 * What moving connection entries costs on Linux through ctnetlink, as measured at 100,000 entries: 1.2 us to
 * dump one, in a difference too, since a dump walks the whole table, and 1.46 us to load it, 188 bytes in the message that creates it; 5.4 ms to walk a table, even an
 * empty one; 3.3 ms and 15 us a rule to install rules, 45 bytes of text each. Real for Linux, a stand-in for
 * engines whose costs nobody has published.
 */
export const linuxCosts: Omit<Marked<TransportPlan>, 'channel' | 'weight'> = {
  bytesPerEntry: [188, measured],
  bytesPerRule: [45, measured],
  readNsPerEntry: [1200, measured],
  exportNsPerEntry: [0, measured],
  importNsPerEntry: [1460, measured],
  exportNsFixed: [microseconds(5400), measured],
  importNsFixed: [microseconds(300), measured],
  installNsPerRule: [microseconds(15), measured],
  installNsFixed: [microseconds(3300), measured],
  mebibyteNs: [0, assumed('copying is part of what an entry takes')],
  encryption: [
    noEncryption,
    assumed('libvirt, qemu.conf: TLS is not asked for unless VIR_MIGRATE_TLS is set'),
  ],
  acknowledgement: [noAnswers, assumed('the stream is TCP, as QEMU’s; nobody asks what was loaded')],
};

/** The same where no entry travels, so that what entries cost has no effect. */
export const linuxRuleCosts: typeof linuxCosts = {
  ...linuxCosts,
  bytesPerEntry: [linuxCosts.bytesPerEntry[0], null],
  readNsPerEntry: [linuxCosts.readNsPerEntry[0], null],
  exportNsPerEntry: [linuxCosts.exportNsPerEntry[0], null],
  importNsPerEntry: [linuxCosts.importNsPerEntry[0], null],
  exportNsFixed: [linuxCosts.exportNsFixed[0], null],
  importNsFixed: [linuxCosts.importNsFixed[0], null],
};
