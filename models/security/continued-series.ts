import type { Address } from '../network/address.ts';
import { ConnectionSnapshot } from './connection-snapshot.ts';
import { addressWords, Field, rowWords } from './entry-layout.ts';
import { inversePorts } from './flow-key.ts';

/** A connection's end that opened it. */
export interface Client {
  readonly address: Address;
  readonly port: number;
}

/**
 * The third to the `count`-th of connections that differ by their clients, and by where these begin to count: what is
 * greater by one in the second than in the first goes on growing. Null where these two differ in more than that, or
 * are translated. The entries hold until the next series is asked for.
 */
export function continuedSeries(
  [first, second]: readonly [ConnectionSnapshot, ConnectionSnapshot],
  count: number,
  clientOf: (index: number) => Client,
): ConnectionSnapshot[] | null {
  const growing: number[] = [];
  for (let word: number = Field.windowOriginal; word < Field.addresses; word++) {
    const step = wordOf(second, word) - wordOf(first, word);
    if (step === 1) growing.push(word);
    else if (step !== 0) return null;
  }
  const series = copiesOf(first, count);
  series.forEach((entry, index) => {
    for (const word of growing) entry.words[entry.base + word]! += index;
    giveClient(entry, clientOf(index));
  });
  if (!sameConnection(series[0]!, first) || !sameConnection(series[1]!, second)) return null;
  return series.slice(2);
}

/** Their rows lie in one array, which is used again for the next series. */
function copiesOf(model: ConnectionSnapshot, count: number): ConnectionSnapshot[] {
  const { family, takenTick, lastChangeNs, extension } = model;
  const width = rowWords(family);
  if (room.length < count * width) room = new Int32Array(count * width);
  const words = room;
  for (let word = 0; word < width; word++) words[word] = wordOf(model, word);
  for (let copied = width; copied < count * width; copied *= 2) words.copyWithin(copied, 0, copied);
  return Array.from(
    { length: count },
    (_, index) =>
      new ConnectionSnapshot({ family, words, base: index * width, takenTick, lastChangeNs, extension }),
  );
}

let room = new Int32Array(0);

function giveClient({ family, protocol, words, base }: ConnectionSnapshot, { address, port }: Client): void {
  const ports = (port << 16) | (words[base + Field.portsOriginal]! & 0xffff);
  words[base + Field.portsOriginal] = ports;
  words[base + Field.portsReply] = inversePorts(protocol, ports);
  const width = addressWords(family);
  const source = base + Field.addresses;
  writeAddress(words, source, address);
  writeAddress(words, source + 3 * width, address);
}

function writeAddress(words: Int32Array, at: number, { family, w0, w1, w2, w3 }: Address): void {
  if (family === 4) {
    words[at] = w3;
    return;
  }
  words[at] = w0;
  words[at + 1] = w1;
  words[at + 2] = w2;
  words[at + 3] = w3;
}

/** Whether two entries say the same, wherever they stand in a table. */
function sameConnection(a: ConnectionSnapshot, b: ConnectionSnapshot): boolean {
  for (let word: number = Field.portsOriginal; word < rowWords(a.family); word++)
    if (wordOf(a, word) !== wordOf(b, word)) return false;
  return a.family === b.family;
}

function wordOf({ words, base }: ConnectionSnapshot, word: number): number {
  return words[base + word]!;
}
