import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { Link } from '../models/network/link.ts';
import { StatefulFirewall } from '../models/security/stateful-firewall.ts';
import { runShipped } from './run-shipped.fixture.ts';

// V8 reads a field fast where the code has met up to four hidden classes, and by its name, many times slower, where it
// has met more. An object that is made elsewhere, with its keys in another order or by spreading, has another one.

setFlagsFromString('--allow-natives-syntax');
const sameHiddenClass = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean;

/** One of the objects for each hidden class. */
function ofEachClass(things: Iterable<object>): object[] {
  const found: object[] = [];
  for (const thing of things) if (!found.some((other) => sameHiddenClass(other, thing))) found.push(thing);
  return found;
}

it.each([
  ['research/engines-chain', 'com-open'],
  ['research/engines-ipsec', 'com-stop'],
  ['research/syn-flood-guest', 'com-rounds'],
  ['workloads/dns', 'com-rounds'],
])('lets code meet one hidden class of packets, one of frames and two of addresses: %s', (file, scheme) => {
  // The first run teaches V8 what the fields hold (small integers, others, objects), which changes hidden classes.
  runShipped(file, scheme);
  const inspect = vi.spyOn(StatefulFirewall.prototype, 'inspect');
  const send = vi.spyOn(Link.prototype, 'send');
  runShipped(file, scheme);
  const frames = send.mock.calls.map(([frame]) => frame);
  const carried = frames.flatMap(({ packet }) => (packet === null ? [] : [packet]));
  const packets = [...carried, ...inspect.mock.calls.map(([packet]) => packet)];
  vi.restoreAllMocks();
  expect(ofEachClass(packets)).toHaveLength(1);
  expect(ofEachClass(frames)).toHaveLength(1);
  // Those of the scenario are frozen, which makes them another class than those that are made on the way.
  const addresses = packets.flatMap(({ source, destination }) => [source, destination]);
  expect(ofEachClass(addresses).length).toBeLessThanOrEqual(2);
});
