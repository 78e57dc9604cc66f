import type { Address } from '../../models/network/address.ts';
import { formatAddress } from '../../models/network/address.ts';
import type { Capture } from '../capture/capture.ts';
import { readCapture } from '../capture/read-capture.ts';
import { openFile } from '../read-text-file.ts';
import { busiestAddress, capturedFlows } from './captured-flows.ts';
import type { CapturedFlow } from './captured-flows.ts';

/** The flows of one machine in a capture, or why there are none. */
export type OpenedCapture =
  | {
      readonly ok: true;
      readonly machine: Address;
      readonly flows: readonly CapturedFlow[];
      /** Packets and records by why they belong to no flow. */
      readonly leftOut: readonly (readonly [cause: string, count: number])[];
      readonly capture: Capture;
    }
  | { readonly ok: false; readonly message: string; readonly allowed: string };

/** A quarter of a gigabyte: some hundred thousand packets whole, or some million headers. */
const captureBytesMax = 256 * 2 ** 20;

/** Reads the flows of a machine, or of the one with the most, from a capture of tcpdump or Wireshark. */
export function openCapture(path: string, machine: Address | null): OpenedCapture {
  const opened = openFile(path, 'take less of each packet (tcpdump -s 96) or fewer of them', captureBytesMax);
  if (!opened.ok) return opened;
  if (opened.bytes.length === 0) return refuse('is empty', 'a capture of tcpdump or Wireshark');
  const capture = readCapture(opened.bytes, { checksums: 'trust' });
  if (capture === null) return refuse('is neither pcap nor pcapng', 'a capture of tcpdump or Wireshark');
  const { packets, faults } = capture;
  const asked = machine ?? busiestAddress(packets);
  const { flows, leftOut } =
    asked === null ? { flows: [], leftOut: new Map<string, number>() } : capturedFlows(packets, asked);
  if (asked === null || flows.length === 0) {
    const whose = machine === null ? '' : ` of ${formatAddress(machine)}`;
    const busiest = machine === null ? null : busiestAddress(packets);
    const other = busiest === null ? '' : `; the most flows has ${formatAddress(busiest)}`;
    const cut = faults['file-truncated'] === undefined ? '' : ' and ends within a packet';
    return refuse(
      `holds no flow${whose}${cut}`,
      `a trace with TCP or UDP packets of one machine at least${other}`,
    );
  }
  return { ok: true, machine: asked, flows, leftOut: [...Object.entries(faults), ...leftOut], capture };
}

function refuse(message: string, allowed: string): OpenedCapture {
  return { ok: false, message, allowed };
}
