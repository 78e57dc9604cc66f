import { clientPorts } from '../models/network/endpoint-host.ts';
import type { Resolution } from './resolution.ts';
import type { FieldPath } from './source-problem.ts';
import type { RecordedSpec } from './workload-spec.ts';

/**
 * Flows take the ports of clients in turn, so that one in 28,232 has the port of another: refused where both are TCP,
 * between the same ends, and the earlier one was not closed when the later one began.
 */
export function refuseMetPorts(
  { flows, vm }: RecordedSpec,
  path: FieldPath,
  { problems }: Pick<Resolution, 'problems'>,
): void {
  if (flows.length <= clientPorts) return;
  const endsNs = new Map<string, number>();
  for (const [index, flow] of flows.entries()) {
    if (flow.protocol !== 'tcp') continue;
    const ends = flow.initiator === 'vm' ? `${vm} ${flow.peer}` : `${flow.peer} ${vm}`;
    const key = `${ends} ${flow.port} ${index % clientPorts}`;
    if ((endsNs.get(key) ?? -1) >= flow.atNs) {
      const message = `flow ${index} would have the port of flow ${index - clientPorts}, which is still open`;
      problems.add(
        [...path, 'flows'],
        message,
        `at most ${clientPorts} connections between the same ends at once`,
      );
      return;
    }
    endsNs.set(key, flow.closes === 'nobody' ? Infinity : flow.atNs + flow.closesAtNs);
  }
}
