import { ScenarioError } from '../../sim/assert.ts';
import type { TrackingSettings, TrackingTimeouts } from '../../models/security/tracking-settings.ts';

/** Settings with sysctls laid over them; names as in the golden files, without `net.netfilter.nf_conntrack_`. */
export function settingsWith(
  settings: TrackingSettings,
  sysctls: Readonly<Record<string, number>>,
): TrackingSettings {
  let result = settings;
  for (const [name, value] of Object.entries(sysctls)) result = withSysctl(result, name, value);
  return result;
}

function withSysctl(settings: TrackingSettings, name: string, value: number): TrackingSettings {
  const timeout = timeoutNames[name];
  if (timeout !== undefined) return { ...settings, timeouts: { ...settings.timeouts, [timeout]: value } };
  switch (name) {
    case 'nf_conntrack_max':
      return { ...settings, entriesMax: value };
    case 'nf_conntrack_buckets':
      return { ...settings, buckets: value };
    case 'tcp_loose':
      return { ...settings, tcpLoose: value !== 0 };
    case 'tcp_be_liberal':
      return { ...settings, tcpBeLiberal: value !== 0 };
    case 'tcp_ignore_invalid_rst':
      return { ...settings, tcpIgnoreInvalidRst: value !== 0 };
    case 'tcp_max_retrans':
      return { ...settings, tcpMaxRetrans: value };
    case 'checksum':
      return { ...settings, checksum: value !== 0 };
    default:
      throw new ScenarioError([
        {
          place: 'sysctls',
          message: `"${name}" is not known`,
          allowed: ['nf_conntrack_max', 'nf_conntrack_buckets', ...Object.keys(timeoutNames)].join(', '),
        },
      ]);
  }
}

const timeoutNames: Readonly<Record<string, keyof TrackingTimeouts>> = {
  tcp_timeout_syn_sent: 'tcpSynSentS',
  tcp_timeout_syn_recv: 'tcpSynRecvS',
  tcp_timeout_established: 'tcpEstablishedS',
  tcp_timeout_fin_wait: 'tcpFinWaitS',
  tcp_timeout_close_wait: 'tcpCloseWaitS',
  tcp_timeout_last_ack: 'tcpLastAckS',
  tcp_timeout_time_wait: 'tcpTimeWaitS',
  tcp_timeout_close: 'tcpCloseS',
  tcp_timeout_max_retrans: 'tcpMaxRetransS',
  tcp_timeout_unacknowledged: 'tcpUnacknowledgedS',
  udp_timeout: 'udpS',
  udp_timeout_stream: 'udpStreamS',
  icmp_timeout: 'icmpS',
  icmpv6_timeout: 'icmpv6S',
  generic_timeout: 'genericS',
  frag6_timeout: 'fragmentsS',
};
