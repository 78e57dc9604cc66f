import { s } from '../../sim/time.ts';
import type { TcpEnd } from './tcp-end.ts';

/** How a listener takes SYNs. */
export interface ListenSettings {
  /** The smaller of listen's backlog and net.core.somaxconn; Infinity for a queue that nothing fills. */
  readonly backlog: number;
  /** net.ipv4.tcp_syncookies: 0, 1 and 2. */
  readonly synCookies: 'never' | 'when-full' | 'always';
  /** net.ipv4.tcp_max_syn_backlog: without cookies, three quarters of it are for SYNs of unknown peers. */
  readonly synBacklog: number;
  /** Both ends have timestamps (net.ipv4.tcp_timestamps); in them a cookie keeps window scale and SACK. */
  readonly timestamps: boolean;
  /** How many places there are: one more than the backlog, or as many as the hash table of handshakes has buckets (Linux before 4.4). */
  readonly places: 'backlog' | 'buckets';
}

/** A queue that is never full. */
export const unlimitedListen: ListenSettings = {
  backlog: Infinity,
  synCookies: 'when-full',
  synBacklog: Infinity,
  timestamps: true,
  places: 'backlog',
};

/**
 * Linux 6.18: net.core.somaxconn is 4096 (Documentation/admin-guide/sysctl/net.rst), tcp_syncookies 1, tcp_timestamps 1
 * (Documentation/networking/ip-sysctl.rst). tcp_max_syn_backlog is a 128th of the hash table of connections, which has
 * an entry for each 128 KiB of memory (net/ipv4/tcp.c, tcp_init): 256 with 4 GiB.
 */
export const linuxListen: ListenSettings = {
  backlog: 4096,
  synCookies: 'when-full',
  synBacklog: 256,
  timestamps: true,
  places: 'backlog',
};

/**
 * Linux 2.6.32: net.core.somaxconn is 128 (include/linux/socket.h, SOMAXCONN), tcp_syncookies 0 and tcp_max_syn_backlog 1024
 * above 128 MB of memory (Documentation/networking/ip-sysctl.txt).
 */
export const linux26Listen: ListenSettings = {
  backlog: 128,
  synCookies: 'never',
  synBacklog: 1024,
  timestamps: true,
  places: 'buckets',
};

/**
 * The handshakes that one listening port has begun (net/ipv4/tcp_input.c, tcp_conn_request). Applications here take a
 * connection as soon as it is established, so that the queue of those is always empty.
 */
export class ListenQueue {
  private readonly settings: ListenSettings;
  /** Handshakes that are refused no place, and from how many on old ones are given up sooner. */
  private readonly places: number;
  private readonly crowd: number;
  /** Those whose SYN/ACK was sent once, and those to which it was sent again. */
  private readonly young = new Set<TcpEnd>();
  private readonly old = new Set<TcpEnd>();
  /** When a cookie was sent last. */
  private overflowNs = -Infinity;

  constructor(settings: ListenSettings) {
    const { backlog, places } = settings;
    this.settings = settings;
    // Since Linux 6.14 one more than the backlog fits (include/net/inet_connection_sock.h, inet_csk_reqsk_queue_is_full).
    this.places = places === 'backlog' ? backlog + 1 : bucketsOf(settings);
    // reqsk_timer_handler; before Linux 4.4 inet_csk_reqsk_queue_prune: half of the places.
    this.crowd = places === 'backlog' ? Math.floor(Math.max(8, backlog) / 2) + 1 : this.places / 2;
  }

  get length(): number {
    return this.young.size + this.old.size;
  }

  /** What a SYN meets: a place, a cookie, which takes none, or nothing at all. */
  admit(nowNs: number): 'place' | 'cookie' | 'nothing' {
    const { synCookies, synBacklog } = this.settings;
    const full = this.length >= this.places;
    if (synCookies === 'always' || (full && synCookies === 'when-full')) {
      this.overflowNs = nowNs;
      return 'cookie';
    }
    const reserved = synCookies === 'never' && synBacklog - this.length < Math.floor(synBacklog / 4);
    return full || reserved ? 'nothing' : 'place';
  }

  add(end: TcpEnd): void {
    if (this.settings.backlog !== Infinity) this.young.add(end);
  }

  /** Called when the handshake is over, or given up. */
  remove(end: TcpEnd): void {
    if (!this.young.delete(end)) this.old.delete(end);
  }

  /** The SYN/ACK is to be sent again, at most so many times: fewer, as far as old ones clog the queue. */
  retriesMax(end: TcpEnd, retries: number): number {
    let max = retries;
    let young = this.young.size * 2;
    const crowded = this.length >= this.crowd;
    for (; crowded && max > 2 && this.length >= young; max--) young *= 2;
    if (this.young.delete(end)) this.old.add(end);
    return max;
  }

  /** Whether a cookie of the last two minutes may be acknowledged (include/net/tcp.h, TCP_SYNCOOKIE_VALID). */
  expectsCookie(nowNs: number): boolean {
    return nowNs - this.overflowNs <= 120 * s;
  }
}

/** Buckets for the handshakes of one listener (net/core/request_sock.c of Linux 2.6.32, reqsk_queue_alloc). */
function bucketsOf({ backlog, synBacklog }: ListenSettings): number {
  const wanted = Math.max(8, Math.min(backlog, synBacklog)) + 1;
  return wanted === Infinity ? Infinity : 2 ** Math.ceil(Math.log2(wanted));
}
