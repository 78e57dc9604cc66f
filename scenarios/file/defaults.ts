import { linuxDefaults } from '../../models/security/tracking-settings.ts';

/**
 * What holds where a scenario file is silent, in base units (ns, bytes, bit/s); all of it stands here. A number
 * without a source is a choice of ours.
 */
export const defaults = {
  seed: 1,
  reps: 1,
  maxAtOnce: 1,
  switchLearnNs: 0,
  link: {
    rate: 1_000_000_000,
    delay: 20_000,
    /** A quarter of a mebibyte, 2 ms at 1 Gbit/s: the buffer of a small data-centre switch port. */
    queue: 262_144,
    loss: 0,
    jitter: 0,
    reorders: false,
    queueing: 'drop-tail',
  },
  overlay: {
    /** VXLAN over IPv4: inner Ethernet 14, VXLAN 8, UDP 8, IPv4 20 bytes (RFC 7348, section 5). */
    encapsulation: 50,
    mtu: 1600,
  },
  host: {
    memory: 16 * 2 ** 30,
    cpus: 4,
    costScale: 1,
    /** Xen's credit scheduler gives each domain 256 (Xen wiki, "Credit Scheduler"); nothing is reserved. */
    controlWeight: 256,
    controlReserved: 0,
    /** A page that is sent again (measured, QEMU 7.2 over loopback: results/reference/golden-qemu.json.gz). */
    copyCost: 3500,
    /** As reading one entry over netlink (measured, Linux 6.18: results/reference/costs.json). */
    changeCost: 1200,
    /** net.core.netdev_max_backlog (Linux, Documentation/admin-guide/sysctl/net.rst). */
    packetQueue: 1000,
  },
  sharingInterval: 20_000_000,
  streamStart: 'slow-start',
  /** Linux 6.18, Documentation/networking/ip-sysctl.rst: tcp_retries2, tcp_keepalive_time, _intvl and _probes. */
  tcp: {
    age: 'linux-6.x',
    congestionControl: 'cubic',
    retries: 15,
    keepIdle: 7_200_000_000_000,
    keepInterval: 75_000_000_000,
    keepProbes: 9,
  },
  firewall: {
    name: 'firewall',
    table: 'per-vm',
    /** Whole path of a small packet (measured, Linux 6.18.44: results/reference/costs.json). */
    packetCost: 1200,
    /** One rule of one expression more (same source: 5-6 ns). */
    ruleCost: 6,
    /** A new entry (measured, Linux 6.18: 1-3 us a packet). */
    newEntryCost: 2000,
  },
  tracking: linuxDefaults,
  vm: {
    timers: 'frozen',
    memoryDetail: 'binomial',
    vcpus: 1,
    load: 0,
    cpuWeight: 256,
    frameCost: 0,
    dataCost: 0,
  },
  region: { content: 'data', startPage: 0, compressedShare: 1 },
  workload: { start: 0, ramp: 0 },
  requestResponse: { connections: 1, requestBytes: 200, responseBytes: 2000, thinkNs: 1_000_000_000 },
  attack: { period: 1_000_000_000 },
  /** Probes every 10 ms with a deadline of 1 s: resolution of the probe gap. */
  probe: { period: 10_000_000, deadline: 1_000_000_000 },
  controller: { delay: { kind: 'constant', ns: 0 } },
  migration: { scheme: 'com-rounds', at: 10_000_000_000, giveUp: Infinity, retryPause: 10_000_000_000 },
} as const;
