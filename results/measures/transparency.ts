import type { DivergenceRow } from '../run-rows.ts';
import type { ConnectionOutcome } from './connection-outcome.ts';
import type { IntentExposure } from './intent-exposure.ts';
import { totalCount } from './intent-exposure.ts';
import { unpairedDivergences } from './unpaired-divergences.ts';

/** Whether the run is a valid execution without migration, and if not, everything that says so. */
export interface Transparency {
  readonly transparent: boolean;
  readonly reasons: readonly string[];
  /**
   * Where intent shows more than the run without migration and the never-moved reference would have judged the
   * same: delay had put the packets into another situation, or reference and engines share a mistake.
   */
  readonly explained: readonly string[];
}

/** What of a run says whether it is transparent. */
export interface RunFates {
  readonly intent: IntentExposure;
  readonly divergences: readonly DivergenceRow[];
  readonly outcomes: readonly ConnectionOutcome[];
  /** VMs that died on the way, each with the reason. */
  readonly lost: readonly string[];
}

/**
 * Transparent, after Ghorbani et al. (SoCC 2014): no legitimate packet is dropped by an engine and no attack is
 * delivered beyond what the paired run without migration shows, and no connection ends otherwise than it does
 * there, and no VM dies on the way, except where loss and delay alone explain it. Packets lost to pause, queue and loss, and messages that come
 * later, do not count. A verdict that the never-moved reference shares is explained by delay: an attacker who picks
 * an idle connection may meet another one.
 */
export function transparency(run: RunFates, control: RunFates): Transparency {
  const reasons: string[] = [];
  const explained: string[] = [];
  const { added } = unpairedDivergences(run.divergences, control.divergences);
  const judge = (text: string, intent: string, kind: DivergenceRow['kind']): void => {
    const ours = added.some((row) => row.intent === intent && row.kind === kind);
    (ours ? reasons : explained).push(text);
  };
  const dropped = totalCount(run.intent.legitimateDropped) - totalCount(control.intent.legitimateDropped);
  if (dropped > 0)
    judge(`${dropped} legitimate packets dropped by an engine`, 'legitimate', 'wrongly-dropped');
  for (const [kind, count] of [...run.intent.attacksDelivered].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const more = count - (control.intent.attacksDelivered.get(kind) ?? 0);
    if (more > 0) judge(`${more} attacks delivered: ${kind}`, kind, 'wrongly-accepted');
  }
  const usual = new Map(control.outcomes.map(({ flow, kind }) => [flow, kind]));
  for (const kind of ['reset', 'hung', 'reconnected', 'latent-dead', 'half-open'] as const) {
    const changed = run.outcomes.filter(
      (outcome) => outcome.kind === kind && usual.get(outcome.flow) !== kind,
    );
    if (changed.length > 0) reasons.push(`${changed.length} connections ${kind}`);
  }
  reasons.push(...run.lost);
  return { transparent: reasons.length === 0, reasons, explained };
}
