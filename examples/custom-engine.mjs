// An engine of your own: whoever has not opened a connection through it may not send. It keeps one item for each other
// end, so a move that leaves its items behind cuts off everybody until they open a new connection. A scenario names it:
//
//   modules: [{ path: ../examples/custom-engine.mjs, options: { lifetime_s: 300 } }]
//
// It then stands on every host after the engines of the scenario, and once more in the reference that never moves.
import { formatAddress, ItemEngine, Protocol, TcpFlag } from 'nseh';

const settings = {
  ...{ name: 'door', version: 1, exports: 'full', itemsMax: Infinity },
  // CPU time for a packet, for reading and for writing an item; bytes of an item on the wire.
  ...{ packetNs: 200, exportNs: 1000, importNs: 1000, itemBytes: 32 },
};

/** @type {import('nseh').MakeAdditions} */
export default function makeAdditions({ lifetime_s }) {
  const behaviour = door(1e9 * Number(lifetime_s));
  return { engines: [({ costScale }) => new ItemEngine(settings, behaviour, costScale)] };
}

/**
 * @param {number} lifetimeNs
 * @returns {import('nseh').ItemBehaviour<{ openedNs: number }>}
 */
function door(lifetimeNs) {
  const isInward = (/** @type {import('nseh').Passage} */ { outInterface }) => outInterface === 'int0';
  /**
   * @param {import('nseh').Packet} packet
   * @param {import('nseh').Passage} passage
   */
  function otherEnd({ source, destination }, passage) {
    return formatAddress(isInward(passage) ? source : destination);
  }
  return {
    kind: 'custom',
    losses: { accepted: 'missing-entry', dropped: 'missing-entry' },
    decide(table, vm, packet, passage, nowNs) {
      const key = otherEnd(packet, passage);
      const known = table.find(vm.name, key, nowNs) !== null;
      const opens = packet.protocol === Protocol.tcp && packet.tcpFlags === TcpFlag.syn;
      const passes = known || opens || !isInward(passage);
      const changes = opens && !known ? [{ key, fields: { openedNs: nowNs }, lifetimeNs }] : [];
      return { drop: passes ? null : 'no-entry', state: known ? 'established' : 'new', packet, changes };
    },
    initial: () => [],
    keysFor: (packet, passage) => [otherEnd(packet, passage)],
    scope: () => '',
    partial: () => null,
    grade: () => 1,
    extraBytes: () => 0,
    secondName: () => null,
  };
}
