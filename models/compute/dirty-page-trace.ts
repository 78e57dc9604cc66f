import { ScenarioError } from '../../sim/assert.ts';
import { seconds } from '../../sim/time.ts';
import type { UniformRegion } from './memory-access.ts';
import { uniformWritesPerS } from './uniform-writing.ts';

/** Pages that a guest wrote in a slot of time, as a histogram over its life. */
export interface DirtySlot {
  readonly fromS: number;
  readonly toS: number;
  readonly pages: number;
}

/**
 * Writing that follows a trace: slot after slot at the rate that makes so many distinct pages of `setPages` in
 * it, and from the end again from the start (the histogram model of Akoush et al.,
 * MASCOTS 2010). Slots follow one another without gaps; otherwise a ScenarioError names each place.
 */
export function traceRegion(slots: readonly DirtySlot[], setPages: number): UniformRegion {
  checkSlots(slots, setPages);
  const rates = slots.map(({ fromS, toS, pages }) => uniformWritesPerS(pages, setPages, toS - fromS));
  const highest = rates.reduce((most, rate) => Math.max(most, rate), 0);
  const steps = slots.map(({ fromS, toS }, i) => {
    return { durationNs: seconds(toS - fromS), factor: highest === 0 ? 0 : rates[i]! / highest };
  });
  return {
    kind: 'uniform',
    pages: setPages,
    writesPerS: highest,
    schedule: { kind: 'phases', steps, repeats: true },
  };
}

function checkSlots(slots: readonly DirtySlot[], setPages: number): void {
  const problems = slots.flatMap(({ fromS, toS, pages }, i) => {
    const place = `slot ${i + 1}`;
    const before = slots[i - 1];
    const found: { place: string; message: string; allowed: string }[] = [];
    if (!(toS > fromS)) found.push({ place, message: 'ends before it starts', allowed: `after ${fromS} s` });
    if (!(pages >= 0 && pages <= setPages)) {
      found.push({ place, message: `has ${pages} pages`, allowed: `0 to ${setPages} pages` });
    }
    if (before !== undefined && fromS < before.toS) {
      found.push({ place, message: 'is out of order', allowed: `a start at ${before.toS} s` });
    }
    if (before !== undefined && fromS > before.toS) {
      found.push({ place, message: 'follows a gap', allowed: `a start at ${before.toS} s` });
    }
    return found;
  });
  if (slots.length === 0) problems.push({ place: 'trace', message: 'is empty', allowed: 'one slot or more' });
  if (problems.length > 0) throw new ScenarioError(problems);
}
