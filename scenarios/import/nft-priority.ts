import type { ChainHook } from '../../models/security/ruleset.ts';
import type { JsonValue } from './json-text.ts';

/** Priorities that have names (nft(8), "Standard priority names"). */
const priorities: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};

/** A priority as people write it: a number, a name, or a name and an offset ("filter - 10"). */
export function readPriority(node: JsonValue | undefined, hook: ChainHook | undefined): number | undefined {
  if (typeof node !== 'string' || hook === undefined) return undefined;
  const match = /^(?:([a-z]+)(?:\s*([+-])\s*(\d{1,6}))?|(-?\d{1,10}))$/.exec(node.trim());
  if (match === null) return undefined;
  const [, name, sign, offset = '0', number] = match;
  if (number !== undefined) return Number(number);
  if (name === undefined || !Object.hasOwn(priorities, name)) return undefined;
  if (name === 'dstnat' && hook !== 'prerouting' && hook !== 'output') return undefined;
  if (name === 'srcnat' && hook !== 'postrouting' && hook !== 'input') return undefined;
  return priorities[name]! + (sign === '-' ? -Number(offset) : Number(offset));
}

/** The priority as `nft list ruleset` prints it: a name where one is within ten of it. */
export function priorityText(priority: number, hook: ChainHook): string {
  for (const name of Object.keys(priorities)) {
    const offset = priority - priorities[name]!;
    if (Math.abs(offset) > 10 || readPriority(name, hook) === undefined) continue;
    return offset === 0 ? name : `${name} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`;
  }
  return String(priority);
}
