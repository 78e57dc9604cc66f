import type { ConnectionOutcome } from './connection-outcome.ts';
import type { IntentExposure } from './intent-exposure.ts';
import { totalCount } from './intent-exposure.ts';

/** Whether the run is a valid execution without migration, and if not, everything that says so. */
export interface Transparency {
  readonly transparent: boolean;
  readonly reasons: readonly string[];
}

/** What of a run says whether it is transparent. */
export interface RunFates {
  readonly intent: IntentExposure;
  readonly outcomes: readonly ConnectionOutcome[];
}

/**
 * Transparent, after Ghorbani et al. (SoCC 2014): no legitimate packet is dropped by an engine and no attack is
 * delivered beyond what the paired run without migration shows, and no connection ends otherwise than it does
 * there, except where loss and delay alone explain it. Packets lost to pause, queue and loss, and messages that come
 * later, do not count.
 */
export function transparency(run: RunFates, control: RunFates): Transparency {
  const reasons: string[] = [];
  const dropped = totalCount(run.intent.legitimateDropped) - totalCount(control.intent.legitimateDropped);
  if (dropped > 0) reasons.push(`${dropped} legitimate packets dropped by an engine`);
  for (const [kind, count] of [...run.intent.attacksDelivered].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const more = count - (control.intent.attacksDelivered.get(kind) ?? 0);
    if (more > 0) reasons.push(`${more} attacks delivered: ${kind}`);
  }
  const usual = new Map(control.outcomes.map(({ flow, kind }) => [flow, kind]));
  for (const kind of ['reset', 'hung', 'reconnected', 'latent-dead', 'half-open'] as const) {
    const changed = run.outcomes.filter(
      (outcome) => outcome.kind === kind && usual.get(outcome.flow) !== kind,
    );
    if (changed.length > 0) reasons.push(`${changed.length} connections ${kind}`);
  }
  return { transparent: reasons.length === 0, reasons };
}
