import type { GoldenStep } from '../golden-sequence.ts';
import type { PlannedSequence } from './random-sequence.ts';

/**
 * The shortest sequence found by leaving out steps, pauses and settings for which `differs` still holds: runs of
 * steps first, ever shorter ones, as in delta debugging (Zeller and Hildebrandt, IEEE TSE 28(2), 2002).
 */
export async function shrink(
  sequence: PlannedSequence,
  differs: (candidate: PlannedSequence) => Promise<boolean>,
): Promise<PlannedSequence> {
  let best = sequence;
  const attempt = async (candidate: PlannedSequence | null): Promise<boolean> => {
    if (candidate === null || !(await differs(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let run = Math.ceil(sequence.packets.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let from = best.packets.length - run; from >= 0; from -= run)
      await attempt(withoutSteps(best, from, run));
  }
  for (const name of Object.keys(best.sysctls)) {
    const others = Object.entries(best.sysctls).filter(([other]) => other !== name);
    await attempt({ ...best, sysctls: Object.fromEntries(others) });
  }
  await attempt({ ...best, packets: best.packets.map((step, index) => ({ ...step, t_ms: index * 8 })) });
  return best;
}

/** The sequence without some steps, or null when a step that stays speaks of one that goes. */
function withoutSteps(sequence: PlannedSequence, from: number, count: number): PlannedSequence | null {
  const { packets } = sequence;
  const gone = (index: number): boolean => index >= from && index < from + count;
  const kept = packets.filter((_, index) => !gone(index));
  if (kept.length === 0) return null;
  const packetsLeft: GoldenStep[] = [];
  for (const step of kept) {
    if (step.inner !== undefined && gone(step.inner)) return null;
    if (step.reply !== undefined && !packetsLeft.some((other) => answerable(other, step))) return null;
    const { inner } = step;
    packetsLeft.push(inner !== undefined && inner >= from + count ? { ...step, inner: inner - count } : step);
  }
  return { ...sequence, packets: packetsLeft };
}

/** A reply takes its addresses from an earlier packet of its flow. */
function answerable(other: GoldenStep, reply: GoldenStep): boolean {
  const plain = other.op === undefined && other.reply === undefined && other.inner === undefined;
  return plain && (other.flow ?? 0) === (reply.flow ?? 0);
}

/** Whether every reply has something to answer. */
export function playable(sequence: PlannedSequence): boolean {
  return sequence.packets.every(
    (step, index) =>
      step.reply === undefined || sequence.packets.slice(0, index).some((other) => answerable(other, step)),
  );
}
