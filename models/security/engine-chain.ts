import type { Packet } from '../network/packet.ts';
import type { ConnectionEnds } from './context-item.ts';
import type { Passage } from './nse.ts';
import type { SecurityEngine, Subject } from './security-engine.ts';

/** The name that policies have for the VM's side. */
const vmInterface = 'int0';

/** Whether a packet is on its way to the VM. */
export function isInward(passage: Passage): boolean {
  return passage.outInterface === vmInterface;
}

/** Engines in the order in which a packet meets them: as listed on the way in, from the VM outwards on the way out. */
export function inOrder(engines: readonly SecurityEngine[], passage: Passage): readonly SecurityEngine[] {
  return engines.length < 2 || isInward(passage) ? engines : engines.toReversed();
}

/** The packet's connection as the VM's own end names it. */
export function vmEnds(packet: Packet, passage: Passage): ConnectionEnds {
  return isInward(passage)
    ? { localPort: packet.destinationPort, remote: packet.source, remotePort: packet.sourcePort }
    : { localPort: packet.sourcePort, remote: packet.destination, remotePort: packet.destinationPort };
}

/** Whether a packet would pass all engines, each asked about what the one before would make of it. */
export function chainPasses(
  engines: readonly SecurityEngine[],
  vm: Subject,
  packet: Packet,
  passage: Passage,
  nowNs: number,
): boolean {
  let current = packet;
  return inOrder(engines, passage).every((engine) => {
    const judgement = engine.ask(vm, current, passage, nowNs);
    current = judgement.packet;
    return judgement.verdict === 'accept';
  });
}
