import { readFileSync } from 'node:fs';
import { formatAddress, parseAddress, type Address } from '../models/network/address.ts';
import { readCapture } from '../scenarios/capture/read-capture.ts';
import { busiestAddress, capturedFlows } from '../scenarios/import/captured-flows.ts';
import { fileBytesMax } from '../scenarios/read-text-file.ts';
import { recordedText } from '../scenarios/import/recorded-text.ts';
import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';

interface Imported {
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
}

export interface CaptureOptions {
  /** Address of the machine that is to be the VM; without it, the one with the most flows. */
  readonly address?: string | undefined;
  /** Name of the VM in the scenario. */
  readonly vm: string;
}

/** A capture as `peers:` and a workload of kind `recorded`. */
export function importCapture(file: string, options: CaptureOptions): Imported {
  const capture = readCapture(readFileSync(file), { checksums: 'trust' });
  if (capture === null)
    throw refused(file, 'is neither pcap nor pcapng', 'a capture of tcpdump or Wireshark');
  const { packets, records, faults } = capture;
  const machine = addressOf(options.address) ?? busiestAddress(packets);
  const { flows, leftOut } =
    machine === null ? { flows: [], leftOut: new Map<string, number>() } : capturedFlows(packets, machine);
  if (machine === null || flows.length === 0) {
    const whose = options.address === undefined ? '' : ` of ${options.address}`;
    throw refused(file, `holds no flow${whose}`, 'a trace with TCP or UDP packets of one machine at least');
  }
  const text = recordedText(flows, options.vm, file);
  const problems = [...Object.entries(faults), ...leftOut].map(([cause, count]) => ({
    place: file,
    message: `${count} × ${cause}`,
    allowed: '',
  }));
  if (text.length > fileBytesMax) {
    const message = `makes ${Math.ceil(text.length / fileBytesMax)} MiB of scenario`;
    problems.push({ place: file, message, allowed: '1 MiB at most: a capture of fewer flows' });
  }
  const header = `# Flows of ${formatAddress(machine)}. Its VM in the scenario is to be named ${options.vm}.\n`;
  const counts = { records, packets: packets.length, flows: flows.length };
  return { text: header + text, counts, problems };
}

function addressOf(text: string | undefined): Address | null {
  if (text === undefined) return null;
  const address = parseAddress(text);
  if (address === undefined) throw refused('--address', `"${text}" is no address`, 'such as 10.0.0.7');
  return address;
}

function refused(place: string, message: string, allowed: string): ScenarioError {
  return new ScenarioError([{ place, message, allowed }]);
}
