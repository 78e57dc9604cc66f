import type { Command } from '@commander-js/extra-typings';
import { threeDigits, threeDigitsOrDash } from '../results/three-digits.ts';
import { validateConntrack } from '../results/validation/conntrack.ts';
import { endpointBars, validateEndpoints } from '../results/validation/endpoints/endpoints.ts';
import { endToEndBars } from '../results/validation/endtoend/end-to-end-bars.ts';
import { chanceShare } from '../results/validation/endtoend/blackout-orders.ts';
import { validateEndToEnd } from '../results/validation/endtoend/end-to-end.ts';
import type { EndToEndValidation } from '../results/validation/endtoend/end-to-end.ts';
import { handoverBars } from '../results/validation/handover/handover-bars.ts';
import { validateHandovers } from '../results/validation/handover/handover.ts';
import { isEastWest } from '../results/validation/handover-eastwest/east-west-file.ts';
import { validateEastWest } from '../results/validation/handover-eastwest/east-west.ts';
import { qemuBars } from '../results/validation/qemu-bars.ts';
import { validateQemu } from '../results/validation/qemu.ts';
import type { Problem } from '../sim/assert.ts';
import { ScenarioError } from '../sim/assert.ts';
import { plainTable } from './plain-table.ts';
import type { Screen } from './screen.ts';
import { readUserJson } from './user-file.ts';

/** A validation: what it found, as JSON and as text, and whether the bars are met. */
interface Finding {
  readonly json: unknown;
  readonly text: string;
  readonly met: boolean;
  /** What of the recording no figure depends on. */
  readonly ignored: readonly Problem[];
}

const validations: Readonly<Record<string, (data: unknown) => Finding>> = {
  conntrack: validateTracking,
  qemu: validateMigrations,
  handover: validateHandover,
  endtoend: validateWholeMigrations,
  endpoints: validateTcpEnds,
};

/** `nseh validate KIND FILE`: holds the models against measured data. */
export function register(program: Command, screen: Screen): void {
  program
    .command('validate')
    .description('hold the models against measured data; exit 3 below the bars')
    .argument('<kind>', `what was measured: ${Object.keys(validations).join(', ')}`)
    .argument('<file>', 'the recording, JSON or gzipped JSON, as in results/reference/')
    .option('--json', 'print one JSON object')
    .action((kind, file, { json }) => {
      const validate = validations[kind];
      if (validate === undefined) {
        const allowed = Object.keys(validations).join(', ');
        throw new ScenarioError([{ place: kind, message: 'is nothing that can be validated', allowed }]);
      }
      const finding = readable(file, () => validate(readUserJson(file, 'a recording of this kind')));
      screen.print(json === true ? JSON.stringify(finding.json) : finding.text);
      for (const { place, message, allowed } of finding.ignored) {
        screen.note(`${file}: ${place} ${message}${allowed === '' ? '' : ` (known: ${allowed})`}`);
      }
      if (!finding.met) screen.finishWith(3);
    });
}

function validateTracking(data: unknown): Finding {
  const found = validateConntrack(data);
  const differ = found.disagreements
    .slice(0, 20)
    .map(
      ({ sequence, step, field, expected, simulated }) =>
        `${sequence}, step ${step}: ${field} is ${JSON.stringify(expected)} on the kernel, ${JSON.stringify(simulated)} here`,
    );
  const lines = [
    `sequences  ${found.sequences_agreeing} of ${found.sequences} agree`,
    `packets    ${found.packets_agreeing} of ${found.packets}`,
    `internals  ${found.internals_agreeing} of ${found.internals}`,
    ...differ,
  ];
  return {
    json: found,
    text: lines.join('\n'),
    met: found.sequences > 0 && found.disagreements.length === 0,
    ignored: [],
  };
}

function validateMigrations(data: unknown): Finding {
  const found = validateQemu(data);
  const bars = qemuBars(found);
  const rows = bars.map(({ group, figure, quantile, reached, limit, met }) => {
    const error = threeDigitsOrDash(reached);
    return [group, figure, quantile, error, threeDigits(limit), met ? 'met' : 'MISSED'];
  });
  const { right, wrong } = found.verdicts;
  const scope = 'Scope: QEMU 7.2, TCG, one vCPU, up to 1 GiB.';
  const head = ['group', 'figure', 'quantile', 'error', 'bar', ''];
  const text = `${plainTable(head, [], rows)}\n\n${found.runs} runs; verdicts right in ${right}, wrong in ${wrong}. ${scope}`;
  return {
    json: { ...found, bars },
    text,
    met: wrong === 0 && bars.every((bar) => bar.met),
    ignored: found.ignored,
  };
}

function validateHandover(data: unknown): Finding {
  const found = isEastWest(data) ? validateEastWest(data) : validateHandovers(data);
  const bars = handoverBars(found);
  const rows = bars
    .filter(({ reached }) => reached !== null)
    .map(({ figure: name, reached, limit, baseline, met }) => [
      name,
      threeDigitsOrDash(reached),
      threeDigitsOrDash(limit),
      threeDigitsOrDash(baseline),
      met ? 'met' : 'MISSED',
    ]);
  const differ = found.disagreements
    .slice(0, 20)
    .map(
      ({ scheme, blackout_ms: blackoutMs, flow, expected, simulated }) =>
        `${scheme}, ${blackoutMs} ms, ${flow}: measured ${JSON.stringify(expected)}, simulated ${JSON.stringify(simulated)}`,
    );
  const unscored = found.not_scored.map(({ place, why }) => `not scored: ${place}: ${why}`);
  const table = plainTable(['figure', 'share', 'bar', 'lookup table', ''], [], rows);
  const text = [table, '', `${found.runs} runs`, ...differ, ...unscored].join('\n');
  return { json: { ...found, bars }, text, met: found.runs > 0 && bars.every((bar) => bar.met), ignored: [] };
}

function validateWholeMigrations(data: unknown): Finding {
  const found = validateEndToEnd(data);
  const bars = endToEndBars(found);
  const rows = bars.map(({ figure, reached, limit, met }) => [
    figure,
    threeDigitsOrDash(reached),
    threeDigits(limit),
    met ? 'met' : 'MISSED',
  ]);
  const { flows, flows_agreeing, probes, probes_agreeing, verdicts, orders, orders_right, runs } = found;
  const byTable = [
    threeDigitsOrDash(found.lookup_baseline),
    threeDigitsOrDash(found.probes_lookup_baseline),
  ] as const;
  const lines = [
    plainTable(['figure', 'reached', 'bar', ''], [], rows),
    '',
    `${flows_agreeing} of ${flows} flow outcomes; a table of the other cases of each scheme gets ${byTable[0]} of them right.`,
    `${probes_agreeing} of ${probes} probes; such a table gets ${byTable[1]} of them right.`,
    `${orders_right} of ${orders} orders by blackout; verdicts right in ${verdicts.right} of ${runs} runs.`,
    ...ordersByEither(found),
    ...found.disagreements
      .slice(0, 20)
      .map(
        ({ case: id, flow, expected, simulated }) =>
          `${id}, ${flow}: measured ${JSON.stringify(expected)}, simulated ${JSON.stringify(simulated)}`,
      ),
    ...found.not_scored.map(({ place, why }) => `not scored: ${place}: ${why}`),
    'Scope: QEMU 7.2, TCG, one vCPU, 256 MiB, one client; the figures of the testbed are in results/validation/endtoend/rig.ts.',
  ];
  return {
    json: { ...found, bars },
    text: lines.join('\n'),
    met: runs > 0 && bars.every((bar) => bar.met),
    ignored: [],
  };
}

function validateTcpEnds(data: unknown): Finding {
  const found = validateEndpoints(data);
  const bars = endpointBars(found);
  const rows = bars.map(({ figure, reached, limit, met }) => {
    const { cases, agreeing, kernel } = found.groups[figure]!;
    const counts = [agreeing, cases, kernel ?? '–'].map(String);
    return [figure, ...counts, threeDigitsOrDash(reached), threeDigits(limit), met ? 'met' : 'MISSED'];
  });
  const differ = found.disagreements
    .slice(0, 20)
    .map(({ case: name, rtt_ms: rttMs, difference }) => `${name}, round trip ${rttMs} ms: ${difference}`);
  const lines = [
    plainTable(['cases', 'agree', 'of', 'kernel with itself', 'share', 'bar', ''], [], rows),
    '',
    `${found.agreeing} of ${found.cases} cases, recorded on ${found.recorded_on}.`,
    ...differ,
  ];
  return {
    json: { ...found, bars },
    text: lines.join('\n'),
    met: found.cases > 0 && bars.every((bar) => bar.met),
    ignored: [],
  };
}

/** Orders where only the repeats of the two cases are asked, and why that is shown and not judged. */
function ordersByEither({ pairs, pairs_right, pairs_wrong }: EndToEndValidation): string[] {
  if (pairs === 0) return [];
  const share = threeDigits(100 * chanceShare);
  return [
    `${pairs_right} of ${pairs} where medians differ by more than the repeats of either case do: not judged, since of cases with`,
    `two repeats that are alike ${share} % of pairs differ so by chance, and their order is one too. Wrong, in ms:`,
    ...pairs_wrong.map(
      ({ cases, measured, simulated }) =>
        `  ${cases.join(' and ')}: measured ${measured.map(threeDigits).join(' and ')}, simulated ${simulated.map(threeDigits).join(' and ')}`,
    ),
  ];
}

function inFile(file: string): (problem: Problem) => Problem {
  return (problem) => {
    if (problem.place.startsWith(file)) return problem;
    // A list where an object is due, and the like, of the file as a whole.
    const whole = problem.place === 'the file' ? file : `${file} ${problem.place}`;
    return { ...problem, place: whole, allowed: problem.allowed || 'a recording of this kind' };
  };
}

/** The readers throw what names a place in the file, and not the file itself. */
function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ScenarioError) throw new ScenarioError(error.problems.map(inFile(file)));
    if (!(error instanceof RangeError)) throw error;
    throw new ScenarioError([{ place: file, message: error.message, allowed: 'a recording of this kind' }]);
  }
}
