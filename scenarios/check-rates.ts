import type { PlacedWorkload } from './check-workloads.ts';
import { cablesOf, type Cable } from './cables.ts';
import type { Resolution } from './resolution.ts';
import type { Machines } from './resolve-machines.ts';
import { formatQuantity } from './units.ts';
import { offeredRates, type OfferedRate } from './workload-rate.ts';

/** One direction of a cable. */
interface Way {
  readonly name: string;
  readonly rateBps: number;
  readonly key: string;
}

/** What is sent whatever becomes of it must fit through the cables of both ends, with all that was listed before. */
export function checkRates(
  placed: readonly PlacedWorkload[],
  machines: Machines,
  { problems }: Resolution,
): void {
  const cables = cablesOf(machines);
  const taken = new Map<string, number>();
  for (const { spec, path } of placed) {
    if (spec.kind === 'alone' || spec.kind === 'recorded') continue;
    const [vm, peer] = [cables.get(spec.vm), cables.get(spec.peer)];
    // Two VMs of one host do not use its cable.
    if (vm?.name === peer?.name) continue;
    const rates = offeredRates(spec).filter(({ bps }) => bps > 0 && bps !== Infinity);
    const [first] = rates.flatMap((rate) => excessOf(rate, waysOf(rate.to, vm, peer), taken));
    if (first !== undefined)
      problems.add([...path, ...first.key], first.message, 'a lower rate, or a faster link');
    else for (const { to, bps } of rates) for (const { key } of waysOf(to, vm, peer)) add(taken, key, bps);
  }
}

function waysOf(to: 'vm' | 'peer', vm: Cable | undefined, peer: Cable | undefined): Way[] {
  const [from, into] = to === 'vm' ? [peer, vm] : [vm, peer];
  const up = from === undefined ? [] : [{ name: from.name, rateBps: from.upBps, key: `${from.name} up` }];
  const down =
    into === undefined ? [] : [{ name: into.name, rateBps: into.downBps, key: `${into.name} down` }];
  return [...up, ...down];
}

function excessOf(
  { bps, key }: OfferedRate,
  ways: readonly Way[],
  taken: ReadonlyMap<string, number>,
): { readonly key: OfferedRate['key']; readonly message: string }[] {
  return ways.flatMap((way) => {
    const before = taken.get(way.key) ?? 0;
    // A cable that carries nothing is told where it stands.
    if (way.rateBps === 0 || before + bps <= way.rateBps) return [];
    const [offered, all, carried] = [bps, before + bps, way.rateBps].map((rate) =>
      formatQuantity(Math.round(rate), 'rate'),
    );
    const together = bps > way.rateBps ? '' : `, with the workloads above ${all}`;
    return [
      { key, message: `offers ${offered} on average${together}, the link of ${way.name} carries ${carried}` },
    ];
  });
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}
