import { assert } from '../../sim/assert.ts';
import { quantile } from '../statistics.ts';
import { readMeasuredMoves } from '../validation/endtoend/measured-move.ts';
import type { CompletedMove } from '../validation/endtoend/measured-move.ts';
import { measuredDraws, simulateMove } from '../validation/endtoend/simulate-move.ts';
import { claim, relative } from './claim.ts';
import { claimedGrowth } from './com-region.ts';
import type { Claim } from './claim.ts';
import { referenceJson } from './reference-file.ts';

const cases = ['', '-fill5000', '-fill50000'] as const;

/**
 * C1 between real firewalls: QEMU over 256 Mbit/s with 25, 5,000 and 50,000 entries, against the same without a
 * copy. The blackout is from the guest's stop to its resume, the median of the repeats.
 */
export function measuredBlackoutClaims(): Claim[] {
  const { moves } = readMeasuredMoves(referenceJson('golden-endtoend'));
  const repeats = (id: string): CompletedMove[] =>
    moves.filter((move) => move.id === id).filter((move) => move.status === 'completed');
  const measuredMs = (id: string): number => middle(repeats(id).map(({ derived }) => derived.blackout_ms));
  const simulatedMs = (id: string): number =>
    middle(repeats(id).map((run) => simulateMove(run, measuredDraws).blackoutMs ?? NaN));
  const stock = { measured: measuredMs('256-mod-rules'), simulated: simulatedMs('256-mod-rules') };
  return (['com-stop', 'com-rounds'] as const).map((name) => {
    const ids = cases.map((fill) => `256-mod-${name}-liberal${fill}`);
    return claim({
      id: 'C1',
      what: `${name}-liberal between real firewalls: blackout with 25, 5,000 and 50,000 entries / blackout without a copy`,
      source: 'measured, QEMU 7.2 and Linux 6.18.44: results/reference/golden-endtoend.json.gz',
      // The recording's own parameters are run: `nseh validate endtoend`.
      file: 'context/com-worst-case.yaml',
      kind: 'prediction',
      calibrated_on: 'the rig’s constants, from the recording: results/validation/endtoend/rig.ts',
      free_parameters: 4,
      published: ids.map((id) => measuredMs(id) / stock.measured),
      simulated: ids.map((id) => simulatedMs(id) / stock.simulated),
      // What the claim itself allows.
      band: relative(claimedGrowth),
      note: 'Repeats of a case differ by up to a quarter. Context and memory share the link in the last stage, so that a small context is there before the memory and costs nothing; nseh validate endtoend runs these cases from their parameters.',
    });
  });
}

function middle(values: readonly number[]): number {
  assert(values.length > 0, 'the recording has the case');
  return quantile(values, 0.5) ?? NaN;
}
