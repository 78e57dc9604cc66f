import { atLeast, atMost, shareOf } from '../bar.ts';
import type { Bar } from '../bar.ts';
import type { ErrorQuantiles } from '../qemu.ts';
import type { EndToEndFigure, EndToEndValidation } from './end-to-end.ts';

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
export function endToEndBars(found: EndToEndValidation): Bar[] {
  const { flows, flows_agreeing, orders, orders_right, verdicts, runs } = found;
  const bars = [
    atLeast('flow outcomes', flowsAgreeing, shareOf(flows_agreeing, flows)),
    ...Object.entries(limits).flatMap(([figure, [median, p95]]) => {
      const error: ErrorQuantiles = found.error[figure as EndToEndFigure];
      return [atMost(`${figure}, median`, median, error.median), atMost(`${figure}, p95`, p95, error.p95)];
    }),
    atLeast('orders by blackout', 1, shareOf(orders_right, orders)),
    atLeast('verdicts', 1, shareOf(verdicts.right, runs)),
  ];
  return bars.filter(({ reached }) => reached !== null);
}
