import type { Command } from '@commander-js/extra-typings';
import { Argument, Option } from '@commander-js/extra-typings';
import type { ConnectionSnapshot } from '../models/security/connection-snapshot.ts';
import type { Ruleset } from '../models/security/ruleset.ts';
import { importConntrack } from '../scenarios/import/conntrack.ts';
import { ruleImporters } from '../scenarios/import/import-rules.ts';
import type { RuleFormat } from '../scenarios/import/import-rules.ts';
import { exportIptables } from '../scenarios/import/iptables-writer.ts';
import { exportNftJson } from '../scenarios/import/nft-json-writer.ts';
import { exportNftText } from '../scenarios/import/nft-text-writer.ts';
import { openTextFile } from '../scenarios/read-text-file.ts';
import { ScenarioError } from '../sim/assert.ts';
import type { Problem } from '../sim/assert.ts';
import { describeProblems } from './describe-problems.ts';
import { importCapture } from './import-capture.ts';
import { importDirtyPages, pageCount } from './import-dirty-pages.ts';
import type { Screen } from './screen.ts';

const kinds = [
  'nft',
  'nft-json',
  'iptables',
  'ip6tables',
  'classbench',
  'conntrack',
  'pcap',
  'dirty-pages',
] as const;
const targets = ['nft', 'nft-json', 'iptables', 'ip6tables'] as const;
type Kind = (typeof kinds)[number];
type Target = (typeof targets)[number];

/** `nseh import KIND FILE`: reads what other tools write, prints it anew as nseh has it, and names what it had to leave out. */
export function register(program: Command, screen: Screen): void {
  program
    .command('import')
    .description(
      'read rules, connection tables, captures or dirty pages of other tools, and say what was not understood',
    )
    .addArgument(new Argument('<kind>', 'what the file is').choices(kinds))
    .argument('<file>', 'file to read')
    .addOption(
      new Option('--to <form>', 'form in which rules are printed')
        .choices(targets)
        .default('nft-json' as const),
    )
    .option('--pages <pages>', 'of dirty-pages: how many pages the guest writes to', pageCount)
    .option(
      '--address <address>',
      'of pcap: address of the machine whose flows are taken; the busiest without',
    )
    .option('--vm <name>', 'of pcap: name of the VM in the scenario', 'vm')
    .option(
      '--refer',
      'of pcap: print a workload that names the capture, whatever its size, instead of its flows',
    )
    .option('--strict', 'fail (exit code 2) when anything was not understood')
    .option('--json', 'print a summary as one JSON object instead')
    .action((kind, file, options) => {
      const summary = read(kind, file, options);
      if (options.strict === true && summary.problems.length > 0) throw new ScenarioError(summary.problems);
      const { text, problems, counts } = summary;
      if (problems.length > 0 && Object.values(counts).every((count) => count === 0)) {
        const nothing = { place: file, message: `holds nothing of kind ${kind}`, allowed: kinds.join(', ') };
        throw new ScenarioError([nothing, ...problems.slice(0, 3)]);
      }
      if (options.json === true)
        screen.print(JSON.stringify({ kind, file, ...counts, left_out: problems }, null, 2));
      else if (text !== '') screen.print(text.trimEnd());
      if (problems.length > 0) screen.note(describeProblems(problems, screen, 'warning'));
      const parts = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
      screen.note(`${file}: ${[...parts, `left out ${problems.length}`].join(', ')}`);
    });
}

interface Summary {
  /** What is printed: the rules in another form; empty when there is nothing to print. */
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly problems: readonly Problem[];
}

interface Options {
  readonly to: Target;
  readonly pages?: number | undefined;
  readonly address?: string | undefined;
  readonly vm: string;
  readonly refer?: boolean | undefined;
}

function read(kind: Kind, file: string, { to, pages, address, vm, refer }: Options): Summary {
  if (kind === 'pcap') return importCapture(file, { address, vm, refer: refer === true });
  const text = readTextFile(file);
  if (kind === 'dirty-pages') return importDirtyPages(text, file, pages);
  if (kind === 'conntrack') {
    const { entries, problems } = importConntrack(text, file, 0);
    return { text: '', counts: { entries: entries.length, ...statesOf(entries) }, problems };
  }
  const { ruleset, problems } = ruleImporters[kind satisfies RuleFormat](text, file);
  const written = write(ruleset, to);
  const chains = ruleset.tables.reduce((sum, table) => sum + table.chains.length, 0);
  const counts = { tables: ruleset.tables.length, chains, rules: ruleset.rulesCount };
  return { text: written.text, counts, problems: [...problems, ...written.problems] };
}

function write(
  ruleset: Ruleset,
  to: Target,
): { readonly text: string; readonly problems: readonly Problem[] } {
  if (to === 'nft') return { text: exportNftText(ruleset), problems: [] };
  if (to === 'nft-json') return { text: exportNftJson(ruleset), problems: [] };
  return exportIptables(ruleset, to === 'iptables' ? 'ip' : 'ip6');
}

function statesOf(entries: readonly ConnectionSnapshot[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { tcpState, protocol } of entries) {
    const name = tcpState ?? `protocol-${protocol}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Rule sets of a hundred thousand rules are real; what is beyond is none. */
const textBytesMax = 64 * 2 ** 20;

/** The text of a file that the user named. */
export function readTextFile(file: string): string {
  const opened = openTextFile(file, 'split it', textBytesMax);
  if (!opened.ok) throw notUnderstood(file, opened.message, opened.allowed);
  return opened.text;
}

function notUnderstood(place: string, message: string, allowed: string): ScenarioError {
  return new ScenarioError([{ place, message, allowed }]);
}
