import { addressWords, Field } from './entry-layout.ts';
import { inversePorts, type FlowKey } from './flow-key.ts';
import { protocolIn } from './zone-word.ts';

/**
 * Fills the row at `base` of `words` with a fresh entry: the key's tuple, its inverse, and nothing else. The words
 * that link a row to others are left as they are: they belong to the table.
 */
export function fillEntry(
  words: Int32Array,
  base: number,
  key: FlowKey,
  replyHash: number,
  family: 4 | 6,
): void {
  // A loop: for so few words calling `fill` would cost more.
  const addresses = base + Field.addresses;
  for (let word = base + Field.status; word < addresses; word++) words[word] = 0;
  words[base + Field.hashOriginal] = key.hash;
  words[base + Field.hashReply] = replyHash;
  words[base + Field.portsOriginal] = key.ports;
  words[base + Field.portsReply] = inversePorts(protocolIn(key.zoneProtocol), key.ports);
  words[base + Field.zoneProtocol] = key.zoneProtocol;
  const width = addressWords(family);
  for (let word = 0; word < width; word++) {
    words[addresses + word] = key.source[word]!;
    words[addresses + width + word] = key.destination[word]!;
    words[addresses + 2 * width + word] = key.destination[word]!;
    words[addresses + 3 * width + word] = key.source[word]!;
  }
}
