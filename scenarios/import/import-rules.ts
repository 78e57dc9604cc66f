import { importClassbench } from './classbench.ts';
import type { ImportedRuleset } from './imported-ruleset.ts';
import { importIptables } from './iptables.ts';
import { importNftJson } from './nft-json.ts';
import { importNftText } from './nft-text.ts';

/** Forms in which rule sets come. */
export type RuleFormat = 'nft' | 'nft-json' | 'iptables' | 'ip6tables' | 'classbench';

export const ruleImporters: Readonly<Record<RuleFormat, (text: string, file: string) => ImportedRuleset>> = {
  nft: importNftText,
  'nft-json': importNftJson,
  iptables: (text, file) => importIptables(text, file, 'ip'),
  ip6tables: (text, file) => importIptables(text, file, 'ip6'),
  classbench: importClassbench,
};

/** The form that text looks like, from its first line that is no comment. */
export function ruleFormatOf(text: string): RuleFormat {
  const first = /^(?!\s*#)\s*(\S)/m.exec(text)?.[1];
  if (first === '{') return 'nft-json';
  if (first === '*') return 'iptables';
  return first === '@' ? 'classbench' : 'nft';
}
