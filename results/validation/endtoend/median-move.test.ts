import { expect, test } from 'vitest';
import { flowNames, type FlowName } from './flow-table.ts';
import { medianMove } from './median-move.ts';
import type { SimulatedFlow, SimulatedMove } from './simulate-move.ts';

function draw(blackoutMs: number, alive: boolean): SimulatedMove {
  const flow = { alive, gapMs: alive ? blackoutMs + 100 : 40, firstPayloadMs: 100 };
  const flows = Object.fromEntries(flowNames.map((name) => [name, flow])) as Record<FlowName, SimulatedFlow>;
  return {
    ...{ status: 'completed', blackoutMs, downtimeMs: 0, totalMs: 1, contextLoadedMs: null, flows },
    probeSeen: () => 4,
  };
}

const cancelled: SimulatedMove = {
  ...{ status: 'cancelled', blackoutMs: null, downtimeMs: null, totalMs: null, contextLoadedMs: null },
  ...{ flows: null, probeSeen: () => 0 },
};

test('Figures are medians, outcomes those of the majority, and gaps those of the draws in which the flow lives', () => {
  const median = medianMove([draw(300, true), draw(500, false), draw(420, true)]);
  expect(median.blackoutMs).toBe(420);
  expect(median.contextLoadedMs).toBeNull();
  // 400 and 520 ms in the two draws in which it lives.
  expect(median.flows?.['in-bulk-up']).toEqual({ alive: true, gapMs: 460, firstPayloadMs: 100 });
  expect(median.probeSeen('rst-no-flow', 'before')).toBe(4);
});

test('A run that is cancelled in most draws is cancelled', () => {
  expect(medianMove([cancelled, draw(300, true), cancelled]).status).toBe('cancelled');
  expect(medianMove([cancelled, draw(300, true), draw(310, true)]).blackoutMs).toBe(305);
});
