import type { Claim } from './claim.ts';
import { claim, exact, relative } from './claim.ts';
import { runPaper, runPaperSweep } from './run-paper.ts';

const n = 131_072;
const pagesPerS = 32_768;

/** P20-P23, what Xen's code does with guests that are easy to count; P18 and P19, Akoush et al.'s bounds. */
export function xenClaims(): Claim[] {
  return [...legacyClaims(), ...currentClaims(), ...akoushClaims(), boundsClaim()];
}

const byCode = { kind: 'bound', calibrated_on: 'nothing', free_parameters: 0, band: exact } as const;

function legacyClaims(): Claim[] {
  const run = runPaper('xen-legacy-code', 0);
  const shared = { ...byCode, source: 'Xen 4.1.2, xc_domain_save.c', file: 'xen-legacy-code.yaml' };
  const [all, hot, half] = [run('all-dirty'), run('hot-set'), run('half-rate')];
  return [
    claim({
      ...shared,
      id: 'P20',
      what: 'all pages dirty: live rounds, pages sent, downtime in s',
      published: [4, 5 * n, n / pagesPerS],
      simulated: [all.liveRounds, all.pages, all.downtimeS],
    }),
    claim({
      ...shared,
      id: 'P21',
      what: '8,192 pages always dirty: live rounds, pages sent, downtime in s',
      published: [29, 368_640, 8192 / pagesPerS],
      simulated: [hot.liveRounds, hot.pages, hot.downtimeS],
    }),
    claim({
      ...shared,
      id: 'P22',
      what: 'dirtying at half the rate: live rounds, last pages, pages sent',
      published: [13, 16, 262_128],
      simulated: [half.liveRounds, half.lastPages, half.pages],
    }),
  ];
}

function currentClaims(): Claim[] {
  const run = runPaper('xen-current-code', 0);
  const shared = { ...byCode, id: 'P23', source: 'Xen, xg_sr_save.c', file: 'xen-current-code.yaml' };
  const [all, half, idle] = [run('all-dirty'), run('half-rate'), run('idle')];
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

/** Table I of Akoush et al. as recalled: its figures agree with one another, which is all that is held here. */
function akoushClaims(): Claim[] {
  const run = runPaper('akoush-2010-table', 0);
  const links = ['m100', 'g1', 'g10'];
  const [idle, dirty] = ['idle', 'dirty'].map((kind) => links.map((link) => run(`${kind}-${link}`)));
  const shared = {
    id: 'P19',
    source: 'Akoush et al., MASCOTS 2010, table I (as recalled)',
    file: 'akoush-2010-table.yaml',
    kind: 'consistency',
    calibrated_on: 'goodput and overheads from the same table',
    free_parameters: 3,
  } as const;
  return [
    claim({
      ...shared,
      what: 'longest downtime in ms at 100 Mbit/s, 1 and 10 Gbit/s',
      published: [91_494, 9_497.8, 1_518],
      simulated: dirty!.map(({ downtimeS }) => downtimeS * 1000),
      band: relative(0.001),
    }),
    claim({
      ...shared,
      what: 'shortest total time in s at 100 Mbit/s, 1 and 10 Gbit/s',
      published: [95.3, 13.3, 5.3],
      simulated: idle!.map(({ totalS }) => totalS),
      band: relative(0.05),
    }),
    claim({
      ...shared,
      what: 'longest total time in s at 100 Mbit/s and 1 Gbit/s',
      published: [459.1, 49.1],
      simulated: dirty!.slice(0, 2).map(({ totalS }) => totalS),
      band: relative(0.05),
    }),
  ];
}

/** P18: no run of legacy Xen leaves V/B <= T <= 5 V/B and 0 <= downtime <= V/B, overheads apart. */
function boundsClaim(): Claim {
  const moves = runPaperSweep('akoush-2010-bounds').map((point) => point.moves('guest'));
  const once = n / pagesPerS;
  const slack = 1e-6;
  const outside = moves.filter(({ totalS, downtimeS }) => {
    const inside =
      totalS >= once - slack && totalS <= 5 * once + slack && downtimeS <= once + slack && downtimeS >= 0;
    return !inside;
  });
  return claim({
    ...byCode,
    id: 'P18',
    what: `runs of ${moves.length} outside Akoush et al.’s bounds, 5 V form`,
    source: 'Akoush et al., MASCOTS 2010; 5 V follows from Xen 4.1.2, xc_domain_save.c',
    file: 'sweeps/akoush-2010-bounds.yaml',
    published: [0],
    simulated: [outside.length],
  });
}
