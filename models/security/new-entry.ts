import type { Packet } from '../network/packet.ts';
import { addressWords, Field } from './entry-layout.ts';
import { inversePorts, type FlowKey } from './flow-key.ts';

/** Fills a row with a fresh entry: the key's tuple, its inverse, and nothing else. */
export function fillEntry(entry: Int32Array, key: FlowKey, packet: Packet): void {
  const { family } = packet.source;
  const width = addressWords(family);
  // A loop: for so few words calling `fill` would cost more.
  for (let word = 0; word < Field.addresses; word++) entry[word] = 0;
  entry[Field.hashOriginal] = key.hash;
  entry[Field.portsOriginal] = key.ports;
  entry[Field.zoneProtocol] = key.zoneProtocol;
  const addresses = Field.addresses;
  for (let word = 0; word < width; word++) {
    entry[addresses + word] = key.source[word]!;
    entry[addresses + width + word] = key.destination[word]!;
    entry[addresses + 2 * width + word] = key.destination[word]!;
    entry[addresses + 3 * width + word] = key.source[word]!;
  }
  entry[Field.portsReply] = inversePorts(packet.protocol, key.ports);
}
