import { defaults } from './defaults.ts';
import { choice, count, flag } from './field.ts';
import { plan } from './plan.ts';
import { read, scalar, wrong } from './scalar.ts';
import type { Scalar } from './scalar.ts';
import { formatQuantity, parseQuantity } from '../units.ts';

const { tracking } = defaults;
const { timeouts } = tracking;
const sysctl = 'net.netfilter.nf_conntrack_';

const timeoutsFile = plan({
  tcp_syn_sent: ['tcpSynSentS', timeout('tcp_timeout_syn_sent').default(timeouts.tcpSynSentS)],
  tcp_syn_recv: ['tcpSynRecvS', timeout('tcp_timeout_syn_recv').default(timeouts.tcpSynRecvS)],
  tcp_established: ['tcpEstablishedS', timeout('tcp_timeout_established').default(timeouts.tcpEstablishedS)],
  tcp_fin_wait: ['tcpFinWaitS', timeout('tcp_timeout_fin_wait').default(timeouts.tcpFinWaitS)],
  tcp_close_wait: ['tcpCloseWaitS', timeout('tcp_timeout_close_wait').default(timeouts.tcpCloseWaitS)],
  tcp_last_ack: ['tcpLastAckS', timeout('tcp_timeout_last_ack').default(timeouts.tcpLastAckS)],
  tcp_time_wait: ['tcpTimeWaitS', timeout('tcp_timeout_time_wait').default(timeouts.tcpTimeWaitS)],
  tcp_close: ['tcpCloseS', timeout('tcp_timeout_close').default(timeouts.tcpCloseS)],
  tcp_max_retrans: ['tcpMaxRetransS', timeout('tcp_timeout_max_retrans').default(timeouts.tcpMaxRetransS)],
  tcp_unacknowledged: [
    'tcpUnacknowledgedS',
    timeout('tcp_timeout_unacknowledged').default(timeouts.tcpUnacknowledgedS),
  ],
  udp: ['udpS', timeout('udp_timeout').default(timeouts.udpS)],
  udp_stream: ['udpStreamS', timeout('udp_timeout_stream').default(timeouts.udpStreamS)],
  icmp: ['icmpS', timeout('icmp_timeout').default(timeouts.icmpS)],
  icmpv6: ['icmpv6S', timeout('icmpv6_timeout').default(timeouts.icmpv6S)],
  generic: ['genericS', timeout('generic_timeout').default(timeouts.genericS)],
  fragments: ['fragmentsS', timeout('frag6_timeout').default(timeouts.fragmentsS)],
});

/** Settings of a connection tracker, named after the sysctls `net.netfilter.nf_conntrack_*`. */
export const trackingFile = plan({
  max: [
    'entriesMax',
    count(`${sysctl}max: entries above which new connections are refused; 0 for no limit`, 0).default(
      tracking.entriesMax,
    ),
  ],
  buckets: [
    'buckets',
    count(`${sysctl}buckets: size of the hash table`, 1, 2 ** 24).default(tracking.buckets),
  ],
  tcp_loose: [
    'tcpLoose',
    flag(`${sysctl}tcp_loose: pick up connections in the middle`).default(tracking.tcpLoose),
  ],
  tcp_be_liberal: [
    'tcpBeLiberal',
    flag(`${sysctl}tcp_be_liberal: no window checks but for RST`).default(tracking.tcpBeLiberal),
  ],
  tcp_ignore_invalid_rst: [
    'tcpIgnoreInvalidRst',
    flag(`${sysctl}tcp_ignore_invalid_rst: an RST below the window is no reason for INVALID`).default(
      tracking.tcpIgnoreInvalidRst,
    ),
  ],
  tcp_max_retrans: [
    'tcpMaxRetrans',
    count(`${sysctl}tcp_max_retrans: after so many resends the lifetime is cut`, 0, 255).default(
      tracking.tcpMaxRetrans,
    ),
  ],
  checksum: [
    'checksum',
    flag(`${sysctl}checksum: packets with a wrong checksum are invalid`).default(tracking.checksum),
  ],
  window_test: [
    'windowTest',
    choice(
      ['linux-6.18', 'four-way', 'linux-3.6'],
      'how TCP windows are tested: by today’s kernels, by those before 6.1, or by those before 3.7',
    ).default(tracking.windowTest),
  ],
  timeouts: ['timeouts', timeoutsFile.prefault({}).meta({ description: 'lifetimes of entries' })],
  hash_seed: [
    'hashSeed',
    count('seeds the hash of tuples; a kernel draws its own at every boot', 0, 2 ** 32 - 1).default(
      tracking.hashSeed,
    ),
  ],
  removals_remembered: [
    'removalsRemembered',
    count('removals that a later difference can still name', 0).default(tracking.removalsRemembered),
  ],
});

/** A lifetime in whole seconds, as sysctls have them. */
function timeout(name: string): Scalar<number> {
  const allowed = 'a time in whole seconds, such as 120 s or 5 d';
  return scalar({
    means: `${sysctl}${name}`,
    allowed,
    json: { type: 'string', examples: ['120 s'] },
    read: (input) => {
      if (typeof input !== 'string') return wrong(`${JSON.stringify(input)} has no unit`, allowed);
      const parsed = parseQuantity(input, 'time');
      if (!parsed.ok) return wrong(parsed.message, allowed);
      const seconds = parsed.value / 1_000_000_000;
      return Number.isInteger(seconds) ? read(seconds) : wrong('is not a whole number of seconds', allowed);
    },
    write: (value) => formatQuantity(value * 1_000_000_000, 'time'),
  });
}
