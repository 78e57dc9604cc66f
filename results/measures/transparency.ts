import type { ConnectionOutcome } from './connection-outcome.ts';
import type { IntentExposure } from './intent-exposure.ts';
import { totalCount } from './intent-exposure.ts';

/** Whether the run is a valid execution without migration, and if not, everything that says so. */
export interface Transparency {
  readonly transparent: boolean;
  readonly reasons: readonly string[];
}

/**
 * Transparent, after Ghorbani et al. (SoCC 2014): no legitimate packet is dropped by an engine and no attack is
 * delivered beyond what the paired run without migration shows, and no connection ends otherwise than
 * loss and delay alone explain. Packets lost to pause, queue and loss, and messages that come later, do not count.
 */
export function transparency(
  run: IntentExposure,
  control: IntentExposure,
  outcomes: readonly ConnectionOutcome[],
): Transparency {
  const reasons: string[] = [];
  const dropped = totalCount(run.legitimateDropped) - totalCount(control.legitimateDropped);
  if (dropped > 0) reasons.push(`${dropped} legitimate packets dropped by an engine`);
  for (const [kind, count] of [...run.attacksDelivered].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const more = count - (control.attacksDelivered.get(kind) ?? 0);
    if (more > 0) reasons.push(`${more} attacks delivered: ${kind}`);
  }
  for (const kind of ['reset', 'hung', 'reconnected', 'latent-dead', 'half-open'] as const) {
    const count = outcomes.filter((outcome) => outcome.kind === kind).length;
    if (count > 0) reasons.push(`${count} connections ${kind}`);
  }
  return { transparent: reasons.length === 0, reasons };
}
