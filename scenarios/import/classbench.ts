import { parseAddress } from '../../models/network/address.ts';
import { fields, isField } from '../../models/security/rule-field.ts';
import type { Field } from '../../models/security/rule-field.ts';
import { makeRuleset } from '../../models/security/ruleset.ts';
import type { Chain, Match, Range, Rule } from '../../models/security/ruleset.ts';
import { ProblemList } from './imported-ruleset.ts';
import type { ImportedRuleset } from './imported-ruleset.ts';
import { symbolName } from './nft-symbols.ts';
import { prefixRange } from './nft-value.ts';

/**
 * Reads a ClassBench filter set (Taylor and Turner, "ClassBench: A Packet Classification Benchmark", ToN 2007),
 * one filter a line, the first match wins:
 *
 *     @source/bits  destination/bits  low : high  low : high  protocol/mask  [flags/mask]
 *
 * with ports as two ranges, source first. A filter has no action: each becomes a rule that accepts, in a
 * forward chain that drops the rest.
 */
export function importClassbench(text: string, file: string): ImportedRuleset {
  const problems = new ProblemList(file);
  const rules: Rule[] = [];
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const matches = readFilter(line.trim());
    if (typeof matches === 'string')
      problems.add(i + 1, matches, '@IP/bits IP/bits low : high low : high 0xPP/0xMM');
    else {
      const accept = { kind: 'verdict', verdict: { kind: 'accept' } } as const;
      rules.push({ expressions: [...matches, accept], comment: '', place: problems.placeOf(i + 1) });
    }
  });
  const base = { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' } as const;
  const chain: Chain = { name: 'forward', base, rules };
  const table = { name: 'classbench', sets: [], maps: [], counters: [], helpers: [] };
  const ruleset = makeRuleset([{ ...table, family: 'inet', chains: [chain] }]);
  return { ruleset, problems: problems.problems };
}

const filter =
  /^@(\S+)\/(\d+)\s+(\S+)\/(\d+)\s+(\d+)\s*:\s*(\d+)\s+(\d+)\s*:\s*(\d+)\s+0x([0-9a-fA-F]{1,2})\/0x([0-9a-fA-F]{1,2})(?:\s+0x([0-9a-fA-F]{1,4})\/0x([0-9a-fA-F]{1,4}))?(?:\s+\d+)?$/;

/** The matches of one filter, or what is wrong with it. */
function readFilter(line: string): Match[] | string {
  const parts = filter.exec(line);
  if (parts === null) return `has "${line.slice(0, 100)}", which is not a filter`;
  const number = (index: number, radix = 10): number => Number.parseInt(parts[index] ?? '0', radix);
  const source = readPrefix(parts[1]!, number(2));
  const destination = readPrefix(parts[3]!, number(4));
  if (source === undefined || destination === undefined || source.low.family !== destination.low.family)
    return 'has addresses that are no two prefixes of one family';
  const mask = number(10, 16);
  const protocol = mask === 0 ? null : number(9, 16);
  if (mask !== 0 && mask !== 0xff) return `has the protocol mask ${mask}`;
  const family = source.low.family === 4 ? 'ip' : 'ip6';
  const matches = [inRange(`${family} saddr`, null, source), inRange(`${family} daddr`, null, destination)];
  if (protocol !== null) matches.push(inRange('meta l4proto', null, numbers(protocol, protocol)));
  for (const [side, low, high] of [
    ['sport', number(5), number(6)],
    ['dport', number(7), number(8)],
  ] as const) {
    if (low > high || high > 0xffff) return `has the ports ${low} : ${high}`;
    if (low > 0 || high < 0xffff) matches.push(inRange(portField(protocol, side), null, numbers(low, high)));
  }
  const flags = number(11, 16);
  const flagMask = number(12, 16);
  // The flags stand in the upper byte; the lower one is not part of them.
  if ((flagMask & 0xff) !== 0) return 'has flags outside of the upper byte';
  if (protocol === 6 && flagMask !== 0)
    matches.push(
      inRange('tcp flags', flagMask >>> 8, numbers((flags & flagMask) >>> 8, (flags & flagMask) >>> 8)),
    );
  return matches;
}

function readPrefix(text: string, bits: number): (Range & { kind: 'addresses' }) | undefined {
  const address = parseAddress(text);
  const range = address && prefixRange(address, bits);
  return range?.kind === 'addresses' ? range : undefined;
}

function portField(protocol: number | null, side: 'sport' | 'dport'): Field {
  const name = protocol === null ? undefined : symbolName('inet_proto', protocol);
  const field = `${name ?? 'th'} ${side}`;
  return isField(field) && fields[field].protocol !== null ? field : `th ${side}`;
}

function numbers(low: number, high: number): Range {
  return { kind: 'numbers', low, high };
}

function inRange(field: Field, mask: number | null, range: Range): Match {
  return {
    kind: 'match',
    selectors: [{ field, mask }],
    operator: 'in',
    keys: { kind: 'inline', keys: [[range]] },
  };
}
