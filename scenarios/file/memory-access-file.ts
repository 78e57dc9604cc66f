import { z } from 'zod';
import { defaults } from './defaults.ts';
import { choice, count, factor, flag, quantity, quantityOr, share } from './field.ts';
import { kinds, list, mapping } from './mapping.ts';
import { read, scalar, show, wrong } from './scalar.ts';
import type { Scalar } from './scalar.ts';
import type { ReplayedDirtying } from '../../models/compute/memory-access.ts';
import { pageBytes } from '../../models/compute/memory-access.ts';
import { formatQuantity, parseQuantity } from '../units.ts';

/** When in guest time a region is written: a factor on its nominal rate. */
const scheduleFile = kinds([
  mapping({ kind: z.literal('constant').meta({ description: 'all the time' }) }),
  mapping({
    kind: z.literal('bursts').meta({ description: 'on and off in turn' }),
    on: quantity('time', 'length of a burst'),
    off: quantity('time', 'pause between two bursts'),
    phase: quantity('time', 'how far into the period guest time 0 lies').default(0),
  }),
  mapping({
    kind: z.literal('phases').meta({ description: 'steps one after another' }),
    steps: list(
      mapping({
        duration: quantity('time', 'length of the step'),
        factor: factor('multiplies the nominal rate', 0, Infinity),
      }),
    ).meta({ description: 'the steps, in order' }),
    repeats: flag('after the last step the first one again, or the last one for good').default(false),
  }),
  mapping({
    kind: z
      .literal('varying')
      .meta({ description: 'a factor drawn anew for each interval; on average the nominal rate' }),
    interval: quantity('time', 'length of an interval'),
    deviation: share('standard deviation of the factor', 0, 10),
  }),
]);

const pages = pagesOrRest('pages of the region; `rest`, once in the list, for what the others leave');
const writes = quantity('page-rate', 'writes, each to one page');
const compresses_to = share('what a compressor leaves of a page; 100 % for noise').default(
  defaults.region.compressedShare,
);
const schedule = scheduleFile.prefault({ kind: 'constant' }).meta({ description: 'when it is written' });

/** The regions of a guest's memory, in the order in which a linear scan meets them. */
const writtenMemory = mapping({
  kind: z.literal('written').meta({ description: 'regions of pages, each written in its own way' }),
  detail: choice(
    ['exact', 'binomial', 'expected'],
    'every page on its own; counts per class of pages, drawn; counts per class, the mean',
  ).default(defaults.vm.memoryDetail),
  pacing: mapping({
    cpu_share: share('share of its CPUs that the guest uses when nothing slows it').default(1),
    backlog: quantityOr(
      'time',
      'never',
      'it drops work that is later than this; `never`: it makes up for all',
    ).default(0),
    backlog_jitter: quantity('time', 'width of the spread around that').default(0),
  })
    .prefault({})
    .meta({ description: 'how the guest takes being slowed down' }),
  regions: list(
    kinds([
      mapping({
        kind: z.literal('unwritten').meta({ description: 'never written while the migration lasts' }),
        pages,
        content: choice(
          ['data', 'zero', 'ballooned'],
          'what the pages hold; ballooned ones are never sent',
        ).default(defaults.region.content),
        compresses_to,
      }),
      mapping({
        kind: z.literal('kernel').meta({
          description:
            'what an idle guest kernel writes: 50 distinct pages in 100 ms, 110 in 12 s (measured)',
        }),
      }),
      mapping({
        kind: z.literal('uniform').meta({ description: 'each write hits a page drawn at random' }),
        pages,
        writes,
        schedule,
        compresses_to,
      }),
      mapping({
        kind: z.literal('hot-cold').meta({ description: 'few pages get most of the writes' }),
        pages,
        writes,
        hot: share('share of the pages that are hot'),
        hot_writes: share('share of the writes that hit them'),
        schedule,
        compresses_to,
      }),
      mapping({
        kind: z.literal('sweep').meta({ description: 'page after page in order, then again' }),
        pages,
        writes,
        start_page: count('page of the region at which guest time 0 stands', 0).default(
          defaults.region.startPage,
        ),
        schedule,
        compresses_to,
      }),
      mapping({
        kind: z
          .literal('zipf')
          .meta({ description: 'the page of rank k is written in proportion to k^-exponent' }),
        pages,
        writes,
        exponent: factor('exponent of the power law', 0, 10),
        schedule,
        compresses_to,
      }),
      mapping({
        kind: z.literal('growth').meta({
          description: 'the distinct pages written in t seconds grow as pages_in_one_second · t^exponent',
        }),
        pages,
        pages_in_one_second: quantity('pages', 'distinct pages written in one second'),
        exponent: factor('exponent of the growth', 0.01, 0.99),
        schedule,
        compresses_to,
      }),
      mapping({
        kind: z.literal('measured').meta({
          description: 'distinct pages as they were measured in windows of several lengths',
        }),
        pages,
        windows: list(
          mapping({
            window: quantity('time', 'length of the window'),
            pages: quantity('pages', 'distinct pages written in it, on average'),
          }),
        ).meta({ description: 'the windows, the shortest first' }),
        compresses_to,
      }),
      mapping({
        kind: z.literal('rewritten').meta({ description: 'all pages are written in any stretch of time' }),
        pages,
        compresses_to,
      }),
    ]),
  ).meta({ description: 'the regions; together they make up the memory of the VM' }),
});

/** A pre-copy that was recorded, round by round. */
const recordedMemory = mapping({
  kind: z
    .literal('recorded')
    .meta({ description: 'what a real migration sent and found dirtied, round by round' }),
  rounds: list(
    mapping({
      sent: quantity('size', 'what the round sent, pages alone'),
      dirtied: pagesOrRate(
        'what the guest wrote meanwhile: a page count, a size, or a rate such as 62 Mbit/s',
      ),
    }),
  ).meta({ description: 'the live rounds' }),
  last: quantity('size', 'what the stop phase sent, pages alone'),
});

/** How a guest writes its memory. */
export const memoryAccessFile = kinds([writtenMemory, recordedMemory]);

/** What a recorded round found dirtied, in pages or as a rate. */
function pagesOrRate(means: string): Scalar<ReplayedDirtying> {
  const allowed = 'a size or rate, such as 6085 pages, 78.3 MB or 62 Mbit/s';
  return scalar<ReplayedDirtying>({
    means,
    allowed,
    json: { type: 'string', examples: ['6085 pages', '62 Mbit/s'] },
    read: (input) => {
      if (typeof input !== 'string') return wrong(`${show(input)} has no unit`, allowed);
      const size = parseQuantity(input, 'size');
      if (size.ok) return read({ kind: 'pages', pages: size.value / pageBytes });
      const rate = parseQuantity(input, 'rate');
      return rate.ok ? read({ kind: 'rate', bitsPerS: rate.value }) : wrong(size.message, allowed);
    },
    write: (value) =>
      value.kind === 'pages'
        ? formatQuantity(value.pages * pageBytes, 'size')
        : formatQuantity(value.bitsPerS, 'rate'),
  });
}

/** The pages of a region, or null for `rest`. */
function pagesOrRest(means: string): Scalar<number | null> {
  const allowed = 'a page count or size, such as 4096 pages or 16 MiB, or rest';
  return scalar({
    means,
    allowed,
    json: { type: 'string', examples: ['4096 pages', 'rest'] },
    read: (input) => {
      if (input === 'rest') return read(null);
      if (typeof input !== 'string') return wrong(`${show(input)} has no unit`, allowed);
      const parsed = parseQuantity(input, 'pages');
      return parsed.ok ? read(parsed.value) : wrong(parsed.message, allowed);
    },
    write: (value) => (value === null ? 'rest' : formatQuantity(value, 'pages')),
  });
}

/** A region in writing: `pages` is null for `rest`. */
export type MemoryRegionFile = Extract<
  z.output<typeof memoryAccessFile>,
  { kind: 'written' }
>['regions'][number];
