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
 * are translated.
 */
export function continuedSeries(
  [first, second]: readonly [ConnectionSnapshot, ConnectionSnapshot],
  count: number,
  clientOf: (index: number) => Client,
): ConnectionSnapshot[] | null {
  const series = entriesFor(first, count);
  const steps = Int32Array.from({ length: series[0]!.words.length / count }, (_, word) =>
    word < Field.windowOriginal || word >= Field.addresses ? 0 : wordOf(second, word) - wordOf(first, word),
  );
  if (steps.some((step) => step !== 0 && step !== 1)) return null;
  series.forEach((entry, index) => fill(entry, first, steps, index, clientOf(index)));
  if (!sameConnection(series[0]!, first) || !sameConnection(series[1]!, second)) return null;
  return series.slice(2);
}

/** So many entries, to be filled, that were taken when `first` was; their rows lie in one array. */
function entriesFor(
  { family, takenTick, lastChangeNs, extension }: ConnectionSnapshot,
  count: number,
): ConnectionSnapshot[] {
  const width = rowWords(family);
  const words = new Int32Array(count * width);
  return Array.from(
    { length: count },
    (_, index) =>
      new ConnectionSnapshot({ family, words, base: index * width, takenTick, lastChangeNs, extension }),
  );
}

function fill(
  { family, words, base }: ConnectionSnapshot,
  first: ConnectionSnapshot,
  steps: Int32Array,
  index: number,
  { address, port }: Client,
): void {
  for (let word = 0; word < steps.length; word++)
    words[base + word] = first.words[first.base + word]! + index * steps[word]!;
  const ports = (port << 16) | (wordOf(first, Field.portsOriginal) & 0xffff);
  words[base + Field.portsOriginal] = ports;
  words[base + Field.portsReply] = inversePorts(first.protocol, ports);
  const width = addressWords(family);
  const source = base + Field.addresses;
  const replyDestination = source + 3 * width;
  if (family === 4) {
    words[source] = address.w3;
    words[replyDestination] = address.w3;
    return;
  }
  [address.w0, address.w1, address.w2, address.w3].forEach((part, word) => {
    words[source + word] = part;
    words[replyDestination + word] = part;
  });
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
