import type { EndName, SentPacket } from './endpoint-case.ts';

/**
 * The first packet of an end in which a simulated run differs from a recorded one, null where none does: in what is sent
 * (flags but PSH, number, length, options of a SYN where they are recorded), or in when, by more than 5 % and 10 ms. What the two ends send at once may mix.
 */
export function endpointDifference(
  recorded: readonly SentPacket[],
  simulated: readonly SentPacket[],
): string | null {
  return differenceOf('c', recorded, simulated) ?? differenceOf('s', recorded, simulated);
}

/** How many of the first packets of an end agree. */
export function agreedPackets(
  name: EndName,
  recorded: readonly SentPacket[],
  simulated: readonly SentPacket[],
): number {
  const ours = simulated.filter(([, end]) => end === name);
  const real = recorded.filter(([, end]) => end === name);
  const differing = real.findIndex((wanted, i) => i >= ours.length || !alike(wanted, ours[i]!));
  return differing < 0 ? real.length : differing;
}

function differenceOf(
  name: EndName,
  recorded: readonly SentPacket[],
  simulated: readonly SentPacket[],
): string | null {
  const agreed = agreedPackets(name, recorded, simulated);
  const wanted = recorded.filter(([, end]) => end === name)[agreed];
  const got = simulated.filter(([, end]) => end === name)[agreed];
  if (wanted === undefined && got === undefined) return null;
  return `packet ${agreed} of ${name}: recorded ${packetText(wanted)}, simulated ${packetText(got)}`;
}

function alike(recorded: SentPacket, simulated: SentPacket): boolean {
  const [realMs, , realFlags, realNumber, realBytes, , , realOptions] = recorded;
  const [atMs, , flags, number, bytes, , , options] = simulated;
  const same = substance(flags) === substance(realFlags) && number === realNumber && bytes === realBytes;
  if (realOptions !== undefined && kinds(options ?? '') !== kinds(realOptions)) return false;
  return same && Math.abs(atMs - realMs) <= Math.max(0.05 * realMs, 10);
}

/** The shift of the window is that of the machine's memory. */
function kinds(options: string): string {
  return options.replace(/:\d+/, '');
}

function substance(flags: string): string {
  return flags.replace('P', '');
}

function packetText(packet: SentPacket | undefined): string {
  if (packet === undefined) return 'none';
  const [atMs, , flags, number, bytes, , , options = ''] = packet;
  return `${flags} ${number}+${bytes} at ${atMs.toFixed(1)} ms ${options}`.trimEnd();
}
