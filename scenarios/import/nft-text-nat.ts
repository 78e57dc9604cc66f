import type { JsonObject, JsonValue } from './json-text.ts';
import { readValueNode } from './nft-text-field.ts';
import { valueOf } from './nft-text-value.ts';
import type { TokenReader } from './nft-tokens.ts';

const natFlags: ReadonlySet<string> = new Set(['random', 'fully-random', 'persistent']);

/** `snat ip to 10.0.0.1-10.0.0.4:1024-2047 random,persistent`, and the other three translations. */
export function readNatNode(reader: TokenReader): JsonValue | undefined {
  const action = reader.takeName() ?? '';
  const options: Record<string, JsonValue> = {};
  // In `snat ip saddr map {…}` the word belongs to the field.
  const announces = ['to', 'addr', 'interval', 'prefix'].includes(reader.peek(1)?.text ?? '');
  for (const family of ['ip', 'ip6']) if (announces && reader.take(family)) options['family'] = family;
  // `addr . port`, `interval` and `prefix` only announce the type of the map that follows.
  if (reader.take('addr') && !(reader.take('.') && reader.take('port'))) return undefined;
  // `to` may be left out where a target has to follow.
  if (reader.take('to') || action === 'snat' || action === 'dnat') {
    const target = readTarget(action, reader);
    if (target === undefined) return undefined;
    Object.assign(options, target);
  }
  const flags: JsonValue[] = [];
  for (let name = reader.peek()?.text ?? ''; natFlags.has(name); name = reader.peek()?.text ?? '') {
    reader.next();
    flags.push(name);
    reader.take(',');
  }
  if (flags.length > 0) options['flags'] = flags;
  return { [action]: Object.keys(options).length === 0 ? null : options };
}

function readTarget(action: string, reader: TokenReader): JsonObject | undefined {
  const token = reader.peek();
  if (token?.kind !== 'word') return undefined;
  const written =
    /^(?:\[([0-9a-fA-F:.-]+)\](?:-\[([0-9a-fA-F:.]+)\])?|([^:[\]]+))?(?::(\d+(?:-\d+)?))?$/.exec(token.text);
  const [, bracketed, bracketedEnd, plain, port] = written ?? [];
  const address =
    bracketed === undefined ? plain : bracketed + (bracketedEnd === undefined ? '' : `-${bracketedEnd}`);
  const isIpv6 = written === null && /^[0-9a-fA-F:.]+(?:-[0-9a-fA-F:.]+)?$/.test(token.text);
  if (isIpv6 || (written !== null && isConstant(address, port, action))) {
    reader.next();
    const text = isIpv6 ? token.text : address;
    const node: Record<string, JsonValue> = {};
    if (text !== undefined) node['addr'] = valueOf({ ...token, text });
    if (port !== undefined) node['port'] = valueOf({ ...token, text: port });
    return node;
  }
  const value = readValueNode(reader);
  if (value === undefined) return undefined;
  return action === 'masquerade' || action === 'redirect' ? { port: value } : withPortMap(value, reader);
}

/** A map gives the address, or address and port; `: tcp dport map {…}` behind it gives the port. */
function withPortMap(value: JsonValue, reader: TokenReader): JsonObject | undefined {
  if (!reader.takePrefix(':')) return { addr: value };
  const port = readValueNode(reader);
  return port === undefined ? undefined : { addr: value, port };
}

function isConstant(address: string | undefined, port: string | undefined, action: string): boolean {
  if (address === undefined) return port !== undefined;
  return (
    (action !== 'redirect' && action !== 'masquerade' && /^[\d.]/.test(address)) ||
    /^[0-9a-fA-F]*:/.test(address)
  );
}
