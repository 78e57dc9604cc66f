import { pageBytes } from '../../models/compute/memory-access.ts';
import type { PreCopyPlan } from '../../models/migration/memory/memory-plan.ts';
import { milliseconds, ms } from '../../sim/time.ts';
import type { Claim } from './claim.ts';
import { absolute, claim, exact, relative } from './claim.ts';
import type { LoneMove } from './lone-move.ts';
import { idlePages, meanGuest, moveAlone, noCosts, noLimits, plainWire, sweptPages } from './lone-move.ts';

const plugin = 'SimGrid, VmLiveMigration.cpp';

/** P24: SimGrid's algorithm by arithmetic; and its own two-host runs, measured with SimGrid 3.32. */
export function simgridClaims(): Claim[] {
  return [...arithmeticClaims(), ...twoHostClaims()];
}

function plan(downtimeMaxNs: number, endNs: number): PreCopyPlan {
  return {
    kind: 'pre-copy',
    costs: { ...noCosts, endNs },
    wire: plainWire,
    rounds: { kind: 'simgrid', capBps: Infinity, downtimeMaxNs },
    limits: noLimits,
  };
}

function arithmeticClaims(): Claim[] {
  const line = { rateBps: 125e6 * 8, delayNs: 0 };
  const pages = 2 ** 20;
  const moves = [0, 10e6, 40e6, 80e6, 100e6].map((bytesPerS) => {
    const guest = bytesPerS === 0 ? idlePages(pages) : sweptPages(pages, bytesPerS / pageBytes);
    return moveAlone(plan(milliseconds(300), 0), meanGuest(guest), line);
  });
  const shared = {
    id: 'P24',
    source: `${plugin}, arithmetic for 4 GiB, 125 MB/s, 300 ms, dirtying of 0, 10, 40, 80, 100 MB/s`,
    kind: 'bound',
    calibrated_on: 'nothing',
    free_parameters: 0,
  } as const;
  return [
    claim({
      ...shared,
      what: 'live rounds',
      published: [1, 2, 5, 11, 22],
      simulated: moves.map(({ liveRounds }) => liveRounds),
      band: exact,
    }),
    claim({
      ...shared,
      what: 'downtime in ms',
      published: [0, 219.9, 115.3, 253.5, 253.5],
      simulated: moves.map(({ downtimeS }) => downtimeS * 1000),
      band: absolute(1),
    }),
    claim({
      ...shared,
      what: 'total time in s',
      published: [34.36, 37.33, 50.48, 94.99, 170.79],
      simulated: moves.map(({ totalS }) => totalS),
      band: absolute(0.01),
    }),
  ];
}

/** Usable rate 0.97 / 1.05 of the link (5 % for acknowledgements), 13.01 times the latency of 100 us a message. */
const usable = 0.97 / 1.05;
const messageNs = Math.round(13.01 * 0.1 * ms);

function twoHosts(linkBps: number, intensity: number): LoneMove {
  const pages = Math.round(4e9 / pageBytes);
  const dirtied = Math.round(0.9 * pages);
  // The plugin ties dirtying to the speed of the migration, 0.97 of the link, not to the guest.
  const bytesPerS = (0.97 * linkBps * intensity) / 8;
  const guest =
    intensity === 0
      ? [idlePages(pages)]
      : [sweptPages(dirtied, bytesPerS / pageBytes), idlePages(pages - dirtied)];
  const line = { rateBps: linkBps * usable, delayNs: messageNs };
  return moveAlone(plan(milliseconds(30), messageNs), meanGuest(...guest), line);
}

function twoHostClaims(): Claim[] {
  const moves = [twoHosts(1e9, 0), twoHosts(1e9, 0.2), twoHosts(1e9, 0.9), twoHosts(10e9, 0.2)];
  const shared = {
    id: 'SG1',
    source: `${plugin}; runs of SimGrid 3.32: 4 GB, 1 Gbit/s with intensity 0, 0.2, 0.9; 10 Gbit/s with 0.2`,
    kind: 'prediction',
    calibrated_on: 'its network model: usable rate and message delay',
    free_parameters: 0,
  } as const;
  return [
    claim({
      ...shared,
      what: 'total time in s',
      published: [34.643, 43.854, 604.549, 4.392],
      simulated: moves.map(({ totalS }) => totalS),
      band: relative(0.001),
    }),
    claim({
      ...shared,
      what: 'downtime in s, printed with four digits',
      published: [0.0026, 0.0171, 0.031, 0.0097],
      simulated: moves.map(({ downtimeS }) => downtimeS),
      band: absolute(0.0001),
    }),
  ];
}
