import { atLeast, shareOf } from '../bar.ts';
import type { Bar } from '../bar.ts';
import type { HandoverValidation } from './handover.ts';

/** With what a lookup table reaches, where there is one. */
export interface HandoverBar extends Bar {
  readonly baseline: number | null;
}

/** All are shares of what was scored; a figure of which the file has nothing is met. */
export function handoverBars(found: HandoverValidation): HandoverBar[] {
  const { by_distribution: shares, first_payload: payload, strict_copy: strict } = found;
  const within = shares.filter((share) => share.within).length;
  return [
    bar('flow outcomes', shareOf(found.flows_agreeing, found.flows), 0.98, found.lookup_baseline),
    // One in twenty 95 % intervals misses by chance.
    bar('survivors where the loader stops', shareOf(within, shares.length), 0.95, null),
    bar('strict copies, cut by cut', shareOf(strict.flows_agreeing, strict.flows), 0.98, null),
    bar('probes', shareOf(found.probes_agreeing, found.probes), 0.97, found.probes_lookup_baseline),
    bar('first payload within 40 ms or 3 %', payload.within_40_ms_or_3_percent, 0.8, null),
    bar('first payload within a resend', payload.within_one_step, 0.97, null),
    bar('entries', shareOf(found.entries_agreeing, found.entries), 0.98, null),
    bar('FTP channels', shareOf(found.ftp.agreeing, found.ftp.recorded), 0.98, null),
    bar(
      'new connections',
      shareOf(found.new_connections.agreeing, found.new_connections.recorded),
      0.98,
      null,
    ),
  ];
}

function bar(figure: string, reached: number | null, limit: number, baseline: number | null): HandoverBar {
  return { ...atLeast(figure, limit, reached), baseline };
}
