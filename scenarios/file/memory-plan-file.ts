import { z } from 'zod';
import { choice, count, countOrUnlimited, factor, flag, quantity, quantityOr, share } from './field.ts';
import { kinds } from './mapping.ts';
import { plan } from './plan.ts';

const cap = ['capBps', quantityOr('rate', 'unlimited', 'the stream never sends faster')] as const;

const costs = plan({
  set_up: ['setUpNs', quantity('time', 'from the start of the transfer to its first page')],
  live_rate: [
    'liveRateBps',
    quantityOr('rate', 'unlimited', 'what the hosts copy at most while the guest runs'),
  ],
  stopped_rate: [
    'stoppedRateBps',
    quantityOr('rate', 'unlimited', 'what the hosts copy at most while it stands still'),
  ],
  end: ['endNs', quantity('time', 'from the last page to the moment at which the destination could resume')],
  device: ['deviceBytes', quantity('size', 'state of CPUs and devices')],
});

const compression = kinds([
  plan({ kind: ['kind', z.literal('none').meta({ description: 'pages go as they are' })] }),
  plan({
    kind: [
      'kind',
      z.literal('threads').meta({
        description: 'threads at both ends compress data pages; regions say what is left (`compresses_to`)',
      }),
    ],
    header: ['headerBytes', quantity('size', 'header of a compressed page')],
    threads: ['threads', count('compressing threads at the source', 1, 1024)],
    unpack_threads: ['unpackThreads', count('threads that unpack at the destination', 1, 1024)],
    page_cost: ['pageNs', quantity('time', 'CPU time of a thread to compress a page')],
    unpack_page_cost: ['unpackPageNs', quantity('time', 'CPU time of a thread to unpack a page')],
    limits: [
      'limits',
      choice(
        ['wire', 'memory'],
        'rate limits of `qemu` count bytes on the wire, or pages as they were (`multifd` to QEMU 8.0)',
      ),
    ],
  }),
]);

const wire = plan({
  data_page: ['dataPageBytes', quantity('size', 'a page of data on the wire, header included')],
  zero_page: [
    'zeroPageBytes',
    quantity('size', 'a page of zeros on the wire; as much as one of data where nobody looks for them'),
  ],
  compression: [
    'compression',
    compression.prefault({ kind: 'none' }).meta({ description: 'whether pages are compressed' }),
  ],
});

const liveRate = kinds([
  plan({ kind: ['kind', z.literal('fixed').meta({ description: 'one cap all along' })], cap }),
  plan({
    kind: [
      'kind',
      z.literal('adaptive').meta({ description: 'rises to the last round’s dirtying plus a step' }),
    ],
    minimum: ['minimumBps', quantity('rate', 'the first round’s cap')],
    maximum: ['maximumBps', quantity('rate', 'no cap is higher')],
    step: ['stepBps', quantity('rate', 'added to what was dirtied in the last round')],
  }),
]);

function xenRounds<const Kind extends 'xen-2005' | 'xen-legacy' | 'xen-current'>(kind: Kind, means: string) {
  return plan({
    kind: ['kind', z.literal(kind).meta({ description: means })],
    rate: ['rate', liveRate.meta({ description: 'how fast a round may send' })],
    rounds_max: ['roundsMax', count('live rounds at most', 1)],
    pages_min: ['pagesMin', count('a round that touched fewer pages is the last live one', 0)],
    factor_max: ['factorMax', factor('stop once so many times the memory has been sent', 1, 1000)],
    skip_dirtied: [
      'skipDirtied',
      flag('pages that are dirty again before their turn wait for the next round'),
    ],
    scan_order: ['scanOrder', choice(['linear', 'random'], 'order in which a round meets the pages')],
    batch_pages: ['batchPages', count('pages between two looks at the dirty log', 1)],
  });
}

const throttle = kinds([
  plan({ kind: ['kind', z.literal('none').meta({ description: 'vCPUs run at full speed' })] }),
  plan({
    kind: ['kind', z.literal('auto-converge').meta({ description: 'sleeps for vCPUs that dirty too fast' })],
    trigger: ['triggerShare', share('of what is sent: more dirtied than this triggers a step', 0, 10)],
    initial: ['initial', share('first sleep, as a share of vCPU time')],
    increment: ['increment', share('added at each further step')],
    maximum: ['maximum', share('no sleep is longer')],
  }),
  plan({
    kind: [
      'kind',
      z.literal('dirty-limit').meta({ description: 'a guest that dirties too fast is slowed to a rate' }),
    ],
    bytes_per_s: [
      'bytesPerS',
      count('bytes dirtied per second that are aimed at; up to 25 MiB/s more are let be', 1),
    ],
  }),
]);

const delta = kinds([
  plan({ kind: ['kind', z.literal('none').meta({ description: 'whole pages' })] }),
  plan({
    kind: ['kind', z.literal('xbzrle').meta({ description: 'differences to what a cache remembers' })],
    cache_pages: ['cachePages', count('pages in the cache', 1)],
    changed: ['changedBytes', quantity('size', 'bytes that differ in a page that was written again')],
  }),
]);

const liveRounds = kinds([
  xenRounds('xen-2005', 'Xen of Clark et al. (NSDI 2005), with its adaptive rate'),
  xenRounds('xen-legacy', 'Xen 3.x to 4.5'),
  xenRounds('xen-current', 'Xen since 4.6'),
  plan({
    kind: ['kind', z.literal('simgrid').meta({ description: 'the live-migration plugin of SimGrid' })],
    cap,
    downtime_max: ['downtimeMaxNs', quantity('time', 'stop when the rest takes no longer')],
  }),
  plan({
    kind: [
      'kind',
      z.literal('vmotion').meta({ description: 'until little is left or a round helps little' }),
    ],
    cap,
    rest_max: ['restBytesMax', quantity('size', 'stop when less is left')],
    gain_min: ['gainBytesMin', quantity('size', 'stop when a round left so little less')],
  }),
  plan({
    kind: ['kind', z.literal('qemu').meta({ description: 'QEMU’s loop of rate windows' })],
    cap,
    downtime_max: ['downtimeMaxNs', quantity('time', '`downtime-limit`')],
    window: ['windowNs', quantity('time', 'length of a rate window')],
    wake_up: ['wakeUpNs', quantity('time', 'how late the sending thread wakes up after a window')],
    step_max: ['stepNsMax', quantity('time', 'a step of sending is cut short after this time')],
    socket_buffer: ['socketBufferBytes', quantity('size', 'what the socket takes in without blocking')],
    throttle: ['throttle', throttle.meta({ description: 'slows the guest down' })],
    delta: ['delta', delta.meta({ description: 'compresses pages that were sent before' })],
    packet_pages: ['packetPages', count('pages in a packet of `multifd`; 1 without', 1)],
    packet_header: ['packetHeaderBytes', quantity('size', 'header of such a packet')],
    connections: ['connections', count('TCP connections that carry pages: `multifd-channels`, or 1', 1)],
    data_page_cost: ['dataPageNs', quantity('time', 'CPU time of the sender for a page sent before')],
    first_page_cost: [
      'firstPageNs',
      quantity('time', 'CPU time of the sender for a page sent for the first time'),
    ],
    zero_page_cost: ['zeroPageNs', quantity('time', 'CPU time of the sender for a page of zeros')],
  }),
]);

const limits = plan({
  rounds_max: ['roundsMax', countOrUnlimited('rounds at most', 1)],
  bytes_max: ['bytesMax', quantityOr('size', 'unlimited', 'bytes at most')],
  live_max: ['liveNsMax', quantityOr('time', 'never', 'live phase at most')],
  then: ['then', choice(['stop', 'give-up'], 'stop the guest all the same, or let it run on at the source')],
});

const faults = plan({
  push: ['pushBps', quantityOr('rate', 'unlimited', 'background push; 0 bit/s for none')],
  request: ['requestNs', quantity('time', 'from the fault until the source knows of it')],
  resume: ['resumeNs', quantity('time', 'from the arrival of the page until the guest goes on')],
  preempt: ['preempt', flag('faulted pages travel on a channel of their own')],
  pre_paging_pages: ['prePagingPages', count('pages around a fault that are pushed next', 0)],
});

const shared = {
  costs: ['costs', costs.meta({ description: 'fixed times and rates of the hosts' })],
  wire: ['wire', wire.meta({ description: 'what a page costs on the wire' })],
} as const;

const inferred = kinds([
  plan({
    kind: ['kind', z.literal('stop-and-copy').meta({ description: 'all while the guest stands still' })],
    ...shared,
  }),
  plan({
    kind: [
      'kind',
      z.literal('pre-copy').meta({ description: 'rounds while it runs, until a rule says stop' }),
    ],
    ...shared,
    rounds: ['rounds', liveRounds.meta({ description: 'how live rounds go and when they stop' })],
    limits: ['limits', limits.meta({ description: 'what ends a live phase that does not end by itself' })],
  }),
  plan({
    kind: [
      'kind',
      z.literal('post-copy').meta({ description: 'it resumes first and fetches what it meets' }),
    ],
    ...shared,
    faults: ['faults', faults.meta({ description: 'how missing pages come' })],
  }),
  plan({
    kind: ['kind', z.literal('hybrid').meta({ description: 'pre-copy up to a limit, then post-copy' })],
    ...shared,
    rounds: ['rounds', liveRounds.meta({ description: 'how live rounds go and when they stop' })],
    switch_after: ['switchAfterNs', quantityOr('time', 'never', 'post-copy starts after this time')],
    switch_after_rounds: ['switchAfterRounds', countOrUnlimited('or after so many rounds', 0)],
    faults: ['faults', faults.meta({ description: 'how missing pages come' })],
  }),
]);

export type MemoryPlanFile = z.output<typeof inferred>;
export type MemoryPlanText = z.input<typeof inferred>;

/**
 * How a VM's memory reaches the destination. The types have names, since schemas of which this is a part would
 * otherwise spell them out in their declarations, beyond what the compiler writes.
 */
export const memoryPlanFile: z.ZodType<MemoryPlanFile, MemoryPlanText> = inferred;
