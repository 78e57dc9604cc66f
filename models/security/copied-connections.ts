import { assert } from '../../sim/assert.ts';
import { unsignedWords, type Address } from '../network/address.ts';
import { ConnectionSnapshot } from './connection-snapshot.ts';
import { addressWords, Field, rowWords, Status } from './entry-layout.ts';
import { inversePorts } from './flow-key.ts';

/** A connection's end that opened it. */
export interface Client {
  readonly address: Address;
  readonly port: number;
}

/**
 * An untranslated connection as it would be had others opened it: one entry for each client. Their rows lie in one
 * array, since a million of their own would take longer to allot than to fill.
 */
export function copiedConnections(
  model: ConnectionSnapshot,
  clients: readonly Client[],
): ConnectionSnapshot[] {
  assert((model.status & translated) === 0, 'only a connection that is not translated is copied');
  const { family, takenTick, lastChangeNs, extension } = model;
  const width = rowWords(family);
  const row = model.words.subarray(model.base, model.base + width);
  const words = new Int32Array(clients.length * width);
  return clients.map((client, index) => {
    const base = index * width;
    words.set(row, base);
    const entry = new ConnectionSnapshot({ family, words, base, takenTick, lastChangeNs, extension });
    giveClient(entry, client);
    return entry;
  });
}

const translated = Status.sourceNat | Status.destinationNat;

function giveClient({ family, protocol, words, base }: ConnectionSnapshot, { address, port }: Client): void {
  const ports = (port << 16) | (words[base + Field.portsOriginal]! & 0xffff);
  words[base + Field.portsOriginal] = ports;
  words[base + Field.portsReply] = inversePorts(protocol, ports);
  const source = base + Field.addresses;
  const addressOfClient = unsignedWords(address);
  words.set(addressOfClient, source);
  words.set(addressOfClient, source + 3 * addressWords(family));
}
