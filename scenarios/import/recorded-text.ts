import { basename } from 'node:path';
import { Document, isMap, isSeq, visit } from 'yaml';
import { formatAddress } from '../../models/network/address.ts';
import { writeRecordedMessage } from '../file/recorded-kind.ts';
import { formatQuantity } from '../units.ts';
import type { CapturedFlow } from './captured-flows.ts';

/** Parts of a scenario: a peer for each other end of the flows, and a workload that plays them again. */
export function recordedText(flows: readonly CapturedFlow[], vm: string, file: string): string {
  const peers = new Map<string, string>();
  for (const { remote } of flows) {
    const address = formatAddress(remote);
    if (!peers.has(address)) peers.set(address, `peer-${peers.size + 1}`);
  }
  const document = new Document({
    peers: [...peers].map(([address, name]) => ({ name, address })),
    workloads: [
      {
        name: workloadName(file),
        kind: 'recorded',
        vm,
        flows: flows.map(({ remote, protocol, initiator, port, atNs, messages, closes, closesAtNs }) => ({
          ...{ peer: peers.get(formatAddress(remote)), protocol, initiator, port },
          at: formatQuantity(atNs, 'time'),
          closes,
          ...(closes === 'nobody' ? {} : { closes_at: formatQuantity(closesAtNs, 'time') }),
          messages: messages.map(writeRecordedMessage),
        })),
      },
    ],
  });
  visit(document, {
    Map: (_, node) => {
      if (!node.items.some(({ value }) => isMap(value) || isSeq(value))) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}

function workloadName(file: string): string {
  const name = basename(file)
    .replace(/\.\w+$/, '')
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'trace' : name.slice(0, 80);
}
