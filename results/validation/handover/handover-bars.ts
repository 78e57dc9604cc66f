import type { HandoverValidation } from './handover.ts';

/** One figure of the validation, what is asked of it, and what a lookup table reaches where there is one. */
export interface HandoverBar {
  readonly figure: string;
  readonly reached: number | null;
  readonly limit: number;
  readonly baseline: number | null;
  readonly met: boolean;
}

/** All are shares of what was scored; a figure of which the file has nothing is met. */
export function handoverBars(found: HandoverValidation): HandoverBar[] {
  const { by_distribution: shares, first_payload: payload, strict_copy: strict } = found;
  const within = shares.filter((share) => share.within).length;
  return [
    bar('flow outcomes', ratio(found.flows_agreeing, found.flows), 0.98, found.lookup_baseline),
    // One in twenty 95 % intervals misses by chance.
    bar('survivors where the loader stops', ratio(within, shares.length), 0.95, null),
    bar('strict copies, cut by cut', ratio(strict.flows_agreeing, strict.flows), 0.98, null),
    bar('probes', ratio(found.probes_agreeing, found.probes), 0.97, found.probes_lookup_baseline),
    bar('first payload within 40 ms or 3 %', payload.within_40_ms_or_3_percent, 0.8, null),
    bar('first payload within a resend', payload.within_one_step, 0.97, null),
    bar('entries', ratio(found.entries_agreeing, found.entries), 0.98, null),
    bar('FTP channels', ratio(found.ftp.agreeing, found.ftp.recorded), 0.98, null),
    bar('new connections', ratio(found.new_connections.agreeing, found.new_connections.recorded), 0.98, null),
  ];
}

function bar(figure: string, reached: number | null, limit: number, baseline: number | null): HandoverBar {
  return { figure, reached, limit, baseline, met: reached === null || reached >= limit };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
