import type { ErrorQuantiles } from '../qemu.ts';
import type { EndToEndFigure, EndToEndValidation } from './end-to-end.ts';

/** What is asked of one figure, and whether it is met; null where the data have none. */
export interface EndToEndBar {
  readonly figure: string;
  readonly limit: number;
  readonly reached: number | null;
  readonly met: boolean;
}

/** Errors as [median, 95th percentile] of |simulated / measured - 1|. */
const limits: Readonly<Record<EndToEndFigure, readonly [number, number]>> = {
  blackout: [0.12, 0.3],
  total: [0.05, 0.25],
  context_loaded: [0.25, 0.6],
  gap_client_sender: [0.2, 0.6],
  gap_vm_sender: [0.2, 0.6],
};

/** The share of flows whose outcome is right. */
const flowsAgreeing = 0.97;

/** Every bar; one whose data are not in the file is left out. */
export function endToEndBars(found: EndToEndValidation): EndToEndBar[] {
  const { flows, flows_agreeing, orders, orders_right, verdicts, runs } = found;
  return [
    ...atLeast('flow outcomes', flowsAgreeing, share(flows_agreeing, flows)),
    ...Object.entries(limits).flatMap(([figure, [median, p95]]) => {
      const error: ErrorQuantiles = found.error[figure as EndToEndFigure];
      return [
        ...atMost(`${figure}, median`, median, error.median),
        ...atMost(`${figure}, p95`, p95, error.p95),
      ];
    }),
    ...atLeast('orders by blackout', 1, share(orders_right, orders)),
    ...atLeast('verdicts', 1, share(verdicts.right, runs)),
  ];
}

function share(right: number, all: number): number | null {
  return all === 0 ? null : right / all;
}

function atMost(figure: string, limit: number, reached: number | null): EndToEndBar[] {
  return reached === null ? [] : [{ figure, limit, reached, met: reached <= limit }];
}

function atLeast(figure: string, limit: number, reached: number | null): EndToEndBar[] {
  return reached === null ? [] : [{ figure, limit, reached, met: reached >= limit }];
}
