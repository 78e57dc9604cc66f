import { z } from 'zod';
import { defaults } from './defaults.ts';
import { choice, count, quantity } from './field.ts';
import { mapping } from './mapping.ts';

const keepAliveFile = mapping({
  idle: quantity('time', 'of silence before the first probe (TCP_KEEPIDLE)').default(defaults.tcp.keepIdle),
  every: quantity('time', 'from one probe to the next (TCP_KEEPINTVL)').default(defaults.tcp.keepInterval),
  probes: count('that may stay without an answer (TCP_KEEPCNT)', 1, 127).default(defaults.tcp.keepProbes),
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
  keep_alive: z
    .union([choice(['none'], 'silent connections are not probed'), keepAliveFile])
    .default('none')
    .meta({
      description: 'probes of silent connections (SO_KEEPALIVE), or `none`',
    }),
});
