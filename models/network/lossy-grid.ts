import { ms } from '../../sim/time.ts';
import { lossyRatesLinux26 } from './lossy-rates-linux-2.6.ts';
import { lossyRatesLinux6 } from './lossy-rates-linux-6.x.ts';
import type { TcpSettings } from './tcp-settings.ts';

/** Where rates under loss were measured: each line rate with each round trip and each loss, all ascending. */
export const lossyGrid = {
  lineRatesBps: [1e8, 3e8, 1e9, 3e9, 1e10, 1e11],
  roundTripsNs: [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50, 100, 200].map((t) => t * ms),
  losses: [1e-4, 3e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1],
};

/** Up to which loss of a path the law was measured. */
export const lossMeasuredMax = lossyGrid.losses[lossyGrid.losses.length - 1]!;

/**
 * Payload that arrives over one connection, in kbit/s: for each line rate a row for each round trip, with a number for each
 * loss. Measured on the packet endpoints of that age, CUBIC, both directions losing, by `npx tsx cli/write-lossy-rates.ts`.
 */
export const lossyRatesKbps: Readonly<Record<TcpSettings['age'], readonly (readonly number[])[]>> = {
  'linux-2.6': lossyRatesLinux26,
  'linux-6.x': lossyRatesLinux6,
};
