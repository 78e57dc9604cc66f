import { formatAddress, parseAddress, type Address } from '../models/network/address.ts';
import { openCapture } from '../scenarios/import/open-capture.ts';
import { fileBytesMax } from '../scenarios/read-text-file.ts';
import { recordedText, referringText } from '../scenarios/import/recorded-text.ts';
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
  /** Whether the workload names the capture instead of its flows. */
  readonly refer: boolean;
}

/** A capture as `peers:` and a workload of kind `recorded`. */
export function importCapture(file: string, options: CaptureOptions): Imported {
  const opened = openCapture(file, addressOf(options.address));
  if (!opened.ok) throw refused(file, opened.message, opened.allowed);
  const { flows, machine, capture } = opened;
  const text = options.refer
    ? referringText(flows, options.vm, { file, address: machine })
    : recordedText(flows, options.vm, file);
  const problems = opened.leftOut.map(([cause, count]) => ({
    place: file,
    message: `${count} × ${cause}`,
    allowed: '',
  }));
  if (text.length > fileBytesMax) {
    const message = `makes ${Math.ceil(text.length / fileBytesMax)} MiB of scenario`;
    const allowed = '1 MiB at most: --refer prints a workload that names the capture instead';
    problems.push({ place: file, message, allowed });
  }
  const header = `# Flows of ${formatAddress(machine)}. Its VM in the scenario is to be named ${options.vm}.\n`;
  const counts = { records: capture.records, packets: capture.packets.length, flows: flows.length };
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
