import type { PreCopyPlan, XenRounds } from '../../models/migration/memory/memory-plan.ts';
import { pageBytes } from '../../models/compute/memory-access.ts';
import type { MemoryRegion } from '../../models/compute/memory-access.ts';
import { milliseconds, seconds } from '../../sim/time.ts';
import type { Claim } from './claim.ts';
import { claim, exact, relative } from './claim.ts';
import type { LoneMove } from './lone-move.ts';
import {
  idlePages,
  meanGuest,
  moveAlone,
  noCosts,
  noLimits,
  plainWire,
  sweptPages,
  xenCurrent,
  xenLegacy,
} from './lone-move.ts';

const n = 131_072;
const pagesPerS = 32_768;
const line = { rateBps: pagesPerS * pageBytes * 8, delayNs: 0 };

/** P20-P23, what Xen's code does with guests that are easy to count; P18 and P19, Akoush et al.'s bounds. */
export function xenClaims(): Claim[] {
  return [...legacyClaims(), ...currentClaims(), ...akoushClaims(), boundsClaim()];
}

const byCode = { kind: 'bound', calibrated_on: 'nothing', free_parameters: 0, band: exact } as const;

function legacyClaims(): Claim[] {
  const source = 'Xen 4.1.2, xc_domain_save.c';
  const all = move(xenLegacy, [{ kind: 'rewritten', pages: n }]);
  const hotPages = 8192;
  const hot = move(xenLegacy, [{ kind: 'rewritten', pages: hotPages }, idlePages(n - hotPages)]);
  const half = move(xenLegacy, [sweptPages(n, pagesPerS / 2)]);
  return [
    claim({
      ...byCode,
      id: 'P20',
      what: 'all pages dirty: live rounds, pages sent, downtime in s',
      source,
      published: [4, 5 * n, n / pagesPerS],
      simulated: [all.liveRounds, all.pages, all.downtimeS],
    }),
    claim({
      ...byCode,
      id: 'P21',
      what: '8,192 pages always dirty: live rounds, pages sent, downtime in s',
      source,
      published: [29, 368_640, hotPages / pagesPerS],
      simulated: [hot.liveRounds, hot.pages, hot.downtimeS],
    }),
    claim({
      ...byCode,
      id: 'P22',
      what: 'dirtying at half the rate: live rounds, last pages, pages sent',
      source,
      published: [13, 16, 262_128],
      simulated: [half.liveRounds, half.lastPages, half.pages],
    }),
  ];
}

function currentClaims(): Claim[] {
  const all = move(xenCurrent, [{ kind: 'rewritten', pages: n }]);
  const half = move(xenCurrent, [sweptPages(n, pagesPerS / 2)]);
  const idle = move(xenCurrent, [idlePages(n)]);
  const shared = { ...byCode, id: 'P23', source: 'Xen, xg_sr_save.c' };
  return [
    claim({
      ...shared,
      what: 'all pages dirty: pages sent, downtime in s',
      published: [6 * n, n / pagesPerS],
      simulated: [all.pages, all.downtimeS],
    }),
    claim({
      ...shared,
      what: 'dirtying at half the rate: live rounds, last pages, pages sent',
      published: [5, 4096, 258_048],
      simulated: [half.liveRounds, half.lastPages, half.pages],
    }),
    claim({
      ...shared,
      what: 'idle: live rounds, last pages',
      published: [1, 0],
      simulated: [idle.liveRounds, idle.lastPages],
    }),
  ];
}

function move(rounds: XenRounds, regions: readonly MemoryRegion[]): LoneMove {
  const plan: PreCopyPlan = { kind: 'pre-copy', costs: noCosts, wire: plainWire, rounds, limits: noLimits };
  return moveAlone(plan, meanGuest(...regions), line);
}

const gibibytePages = 262_144;

/** Table I of Akoush et al. as recalled: its figures agree with one another, which is all that is held here. */
function akoushClaims(): Claim[] {
  const goodputs = [94.2e6, 935.3e6, 7134e6];
  const plan = (setUpS: number): PreCopyPlan => ({
    kind: 'pre-copy',
    costs: { ...noCosts, setUpNs: seconds(setUpS), endNs: milliseconds(314) },
    wire: plainWire,
    rounds: xenLegacy,
    limits: noLimits,
  });
  const idle = goodputs.map((rateBps) =>
    moveAlone(plan(3.8), meanGuest(idlePages(gibibytePages)), { rateBps, delayNs: 0 }),
  );
  const dirty = goodputs.map((rateBps) =>
    moveAlone(plan(3.2 - 0.314), meanGuest({ kind: 'rewritten', pages: gibibytePages }), {
      rateBps,
      delayNs: 0,
    }),
  );
  const shared = {
    id: 'P19',
    source: 'Akoush et al., MASCOTS 2010, table I (as recalled)',
    kind: 'consistency',
    calibrated_on: 'goodput and overheads from the same table',
    free_parameters: 3,
  } as const;
  return [
    claim({
      ...shared,
      what: 'longest downtime in ms at 100 Mbit/s, 1 and 10 Gbit/s',
      published: [91_494, 9_497.8, 1_518],
      simulated: dirty.map(({ downtimeS }) => downtimeS * 1000),
      band: relative(0.001),
    }),
    claim({
      ...shared,
      what: 'shortest total time in s at 100 Mbit/s, 1 and 10 Gbit/s',
      published: [95.3, 13.3, 5.3],
      simulated: idle.map(({ totalS }) => totalS),
      band: relative(0.05),
    }),
    claim({
      ...shared,
      what: 'longest total time in s at 100 Mbit/s and 1 Gbit/s',
      published: [459.1, 49.1],
      simulated: dirty.slice(0, 2).map(({ totalS }) => totalS),
      band: relative(0.05),
    }),
  ];
}

/** P18: no run of legacy Xen leaves V/B <= T <= 5 V/B and 0 <= downtime <= V/B, overheads apart. */
function boundsClaim(): Claim {
  let outside = 0;
  for (let i = 1; i <= 48; i++) {
    const written = Math.round(n / (1 + (i % 7)));
    const writesPerS = (pagesPerS * i * i) / 300;
    const regions =
      i % 2 === 0
        ? [sweptPages(written, writesPerS), idlePages(n - written)]
        : [
            { kind: 'uniform', pages: written, writesPerS, schedule: { kind: 'constant' } } as const,
            idlePages(n - written),
          ];
    const { totalS, downtimeS } = move({ ...xenLegacy, skipDirtied: i % 3 === 0 }, regions);
    const once = n / pagesPerS;
    const slack = 1e-6;
    const inside =
      totalS >= once - slack && totalS <= 5 * once + slack && downtimeS <= once + slack && downtimeS >= 0;
    if (!inside) outside++;
  }
  return claim({
    ...byCode,
    id: 'P18',
    what: 'runs of 48 outside Akoush et al.’s bounds, 5 V form',
    source: 'Akoush et al., MASCOTS 2010; 5 V follows from Xen 4.1.2, xc_domain_save.c',
    published: [0],
    simulated: [outside],
  });
}
