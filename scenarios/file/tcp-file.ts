import { z } from 'zod';
import { defaults } from './defaults.ts';
import { choice, count, countOrUnlimited, flag, quantity } from './field.ts';
import { mapping } from './mapping.ts';

const keepAliveFile = mapping({
  idle: quantity('time', 'of silence before the first probe (TCP_KEEPIDLE)').default(defaults.tcp.keepIdle),
  every: quantity('time', 'from one probe to the next (TCP_KEEPINTVL)').default(defaults.tcp.keepInterval),
  probes: count('that may stay without an answer (TCP_KEEPCNT)', 1, 127).default(defaults.tcp.keepProbes),
});

const listenFile = mapping({
  backlog: countOrUnlimited(
    'half-open connections of a listening port: the smaller of its backlog and net.core.somaxconn; 4096, with `age: linux-2.6` 128, for which there are 256 places',
    1,
  ).optional(),
  syn_cookies: choice(
    ['never', 'when-full', 'always'],
    'net.ipv4.tcp_syncookies: a SYN that finds no place is dropped, or answered by a cookie; or all are (0, 1, 2); when-full, with `age: linux-2.6` never',
  ).optional(),
  syn_backlog: count(
    'net.ipv4.tcp_max_syn_backlog: without cookies, SYNs find no place in its last quarter; 256, with `age: linux-2.6` 1024',
    1,
  ).optional(),
  timestamps: flag(
    'net.ipv4.tcp_timestamps: what shows needless retransmissions; cookies keep window scale and SACK in them; true without it',
  ).optional(),
});

/** How the TCP endpoints of guests and peers behave. */
export const tcpFile = mapping({
  age: choice(['linux-6.x', 'linux-2.6'], 'whose timers and loss recovery they have').default(
    defaults.tcp.age,
  ),
  congestion_control: choice(['cubic', 'new-reno'], 'what governs their windows').default(
    defaults.tcp.congestionControl,
  ),
  retries: count('timeouts of data before a connection is given up (tcp_retries2)', 1, 255).default(
    defaults.tcp.retries,
  ),
  listen: z
    .union([choice(['unlimited'], 'no queue is ever full'), listenFile])
    .optional()
    .meta({
      description:
        'how a listening port takes SYNs, or `unlimited`; without it as Linux of its age does by default',
    }),
  keep_alive: z
    .union([choice(['none'], 'silent connections are not probed'), keepAliveFile])
    .default('none')
    .meta({
      description: 'probes of silent connections (SO_KEEPALIVE), or `none`',
    }),
});
