import { measuredRequests } from '../flows/request-flow.ts';
import { flowPhase } from './flow-phase.ts';
import type { HandoverWorld, WorldFlow } from './handover-world.ts';

/** Sees to it that the cut meets a flow in the phase in which it met the recorded one. */
export function meetTheCut(world: HandoverWorld, flow: WorldFlow, cutNs: number, oneWayNs: number): void {
  const phase = flowPhase(flow.kind, flow.recorded.cut, flow.runningAtCutNs);
  if (phase === null) return;
  const at = (timeNs: number, act: () => void): void => {
    world.simulation.scheduleAt(timeNs, act, null);
  };
  const lastNs = cutNs + phase.lastNs;
  at(lastNs - aheadNs, () => {
    flow.flow.sendNextAt(lastNs);
  });
  at(lastNs + 1, () => {
    flow.flow.sendNextAt(cutNs + phase.nextNs);
  });
  const { caught } = phase;
  const number = flow.flow.place.flow;
  switch (caught.kind) {
    case 'nothing':
      return;
    case 'inside':
      at(lastNs - 1, () => {
        world.path.interruptFlow(number, { from: senderOf(flow), ...caught });
      });
      return;
    case 'data':
    case 'answer':
      at(caught.kind === 'data' ? lastNs - 1 : lastNs + oneWayNs, () => {
        world.path.cutFlow(number);
      });
  }
}

/** The side that sends the blocks of a bulk flow. */
function senderOf({ recorded, kind }: WorldFlow): 'client' | 'vm' {
  return (recorded.initiator === 'client') === (kind === 'bulk-up') ? 'client' : 'vm';
}

/** So long before it is to send, a flow is told; shorter than any period. */
const aheadNs = measuredRequests.pauseNs / 2;
