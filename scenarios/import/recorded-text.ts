import { basename } from 'node:path';
import { Document, isMap, isSeq, visit } from 'yaml';
import { formatAddress, type Address } from '../../models/network/address.ts';
import { writeRecordedMessage } from '../file/recorded-kind.ts';
import { formatQuantity } from '../units.ts';
import type { CapturedFlow } from './captured-flows.ts';

/** Parts of a scenario: a peer for each other end of the flows, and a workload that plays them again. */
export function recordedText(flows: readonly CapturedFlow[], vm: string, file: string): string {
  const peers = peersOf(flows);
  return partsText(peers, {
    ...{ name: workloadName(file), kind: 'recorded', vm },
    flows: flows.map(({ remote, protocol, initiator, port, atNs, messages, closes, ...times }) => ({
      ...{ peer: peers.get(formatAddress(remote)), protocol, initiator, port },
      at: formatQuantity(atNs, 'time'),
      closes,
      ...(closes === 'nobody' ? {} : { closes_at: formatQuantity(times.closesAtNs, 'time') }),
      ...(times.otherClosesAtNs === 0
        ? {}
        : { other_closes_at: formatQuantity(times.otherClosesAtNs, 'time') }),
      messages: messages.map(writeRecordedMessage),
    })),
  });
}

/** The same parts, with a workload that names the capture; the scenario is to lie where the file's path leads from. */
export function referringText(
  flows: readonly CapturedFlow[],
  vm: string,
  { file, address }: { readonly file: string; readonly address: Address },
): string {
  const capture = { file, address: formatAddress(address) };
  return partsText(peersOf(flows), { name: workloadName(file), kind: 'recorded', vm, capture });
}

/** Names of peers, by address. */
function peersOf(flows: readonly CapturedFlow[]): ReadonlyMap<string, string> {
  const peers = new Map<string, string>();
  for (const { remote } of flows) {
    const address = formatAddress(remote);
    if (!peers.has(address)) peers.set(address, `peer-${peers.size + 1}`);
  }
  return peers;
}

function partsText(peers: ReadonlyMap<string, string>, workload: object): string {
  const document = new Document({
    peers: [...peers].map(([address, name]) => ({ name, address })),
    workloads: [workload],
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
