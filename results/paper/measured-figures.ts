import { panel } from '../figures/paper-figure.ts';
import type { FigurePoint } from '../figures/paper-figure.ts';
import { validateEndToEnd } from '../validation/endtoend/end-to-end.ts';
import { readMeasuredMoves } from '../validation/endtoend/measured-move.ts';
import { flowCells } from '../validation/handover/handover-cells.ts';
import type { Cell } from '../validation/handover/handover-cells.ts';
import { flowFits, replicatesAgree } from '../validation/handover/handover.ts';
import { simulateHandover } from '../validation/handover/handover-run.ts';
import { lookupBaseline } from '../validation/handover/lookup-baseline.ts';
import { readHandovers } from '../validation/handover/read-handover.ts';
import { stopsLoading } from '../validation/handover/survivor-share.ts';
import { groupOf, validateQemu } from '../validation/qemu.ts';
import { readQemuMeasurements } from '../validation/qemu-measurement.ts';
import { sixDigits } from './six-digits.ts';
import type { PaperFigure } from './paper-figures.ts';
import { referenceJson } from './reference-file.ts';

const logged = { logX: true, logY: true } as const;
const measured = 'measured';
const simulated = 'simulated';

const matrixName = 'Measured; in a red frame measured/simulated where they differ';
const shareName = 'Outcomes that come out right, of flows whose replicates agree (%)';

/** Real migrations and handovers that were measured, each against its simulation. */
export const measuredFigures: readonly PaperFigure[] = [
  {
    id: 'qemu-measured',
    summary: 'migrations of QEMU guests, measured against simulated',
    claims: [],
    judgedBy: 'judged by the bars of nseh validate',
    design: {
      title: 'Migrations of QEMU guests: simulated against measured',
      panels: [
        { ...panel('Total time (s)', 'scatter', measured, simulated), ...logged },
        { ...panel('Bytes sent (MB)', 'scatter', measured, simulated), ...logged },
        { ...panel('Downtime (ms)', 'scatter', measured, simulated), ...logged },
      ],
      badge:
        'Prediction from the parameters of each run and the guest’s page rate before it; rates and delays of QEMU 7.2 (TCG, one vCPU) ' +
        'are calibrated on the same machine. nseh validate qemu; bars in docs/validation.md. Line: simulated = measured.',
    },
    points: qemuPoints,
  },
  {
    id: 'handover-matrix',
    summary: 'which flows survive a handover between two firewalls, measured against simulated',
    claims: [],
    judgedBy: 'judged by the bars of nseh validate',
    design: {
      title: 'Flows that survive a handover between two Linux firewalls (%), by scheme and flow',
      panels: [panel(matrixName, 'matrix', '', ''), panel(shareName, 'matrix', '', '')],
      badge:
        'Prediction from the parameters of each run, its blackout and the state of its flows at the cut; calibrated on nothing of ' +
        'these runs. Over all blackouts and replicates. ' +
        'The lookup table knows what the same flow did under the same scheme at the other blackouts. nseh validate handover.',
    },
    points: handoverPoints,
  },
  {
    id: 'endtoend-blackout',
    summary: 'blackouts and total times of whole migrations, measured against simulated',
    claims: [],
    judgedBy: 'judged by the bars of nseh validate',
    design: {
      title: 'Whole migrations behind real firewalls: simulated against measured',
      panels: [
        { ...panel('Blackout (ms)', 'scatter', measured, simulated), ...logged },
        { ...panel('Total time (s)', 'scatter', measured, simulated), ...logged },
      ],
      badge:
        'Prediction from the parameters of each run; the constants of the testbed are measured on it (results/validation/endtoend/rig.ts). ' +
        'nseh validate endtoend; bars in docs/validation.md. Line: simulated = measured.',
    },
    points: endToEndPoints,
  },
];

/** A point of a scatter; none where one of the two has no value, or none that has a logarithm. */
function pair(
  panelName: string,
  series: string,
  [x, y]: readonly [number | null, number | null],
  unit: number,
  source: string,
): FigurePoint[] {
  if (x === null || y === null || x <= 0 || y <= 0) return [];
  const place = { panel: panelName, series, what: 'simulated' } as const;
  return [{ ...place, x: sixDigits(x / unit), y: sixDigits(y / unit), source }];
}

function qemuPoints(): FigurePoint[] {
  const data = referenceJson('golden-qemu');
  const groups = readQemuMeasurements(data).map(groupOf);
  return validateQemu(data).cases.flatMap(({ id, rep, measured: real, simulated: ours }, i) => {
    const group = groups[i] ?? '';
    const source = `golden-qemu ${id} ${rep}`;
    if (real.status !== 'completed' || ours.status !== 'completed') return [];
    return [
      ...pair('Total time (s)', group, [real.total_ms, ours.total_ms], 1000, source),
      ...pair('Bytes sent (MB)', group, [real.transferred_bytes, ours.transferred_bytes], 1e6, source),
      ...pair('Downtime (ms)', group, [real.downtime_ms, ours.downtime_ms], 1, source),
    ];
  });
}

function handoverPoints(): FigurePoint[] {
  const { meta, runs } = readHandovers(referenceJson('golden-handover'));
  const cells = flowCells(
    runs
      .filter(({ plan }) => !stopsLoading(plan))
      .map((one) => ({ run: one.run, outcome: simulateHandover(one, meta, 1) })),
  );
  const schemes = [...new Set(cells.map(({ scheme }) => scheme))];
  const flows = [...new Set(cells.map(({ name }) => name))];
  const matrix = schemes.flatMap((scheme) =>
    flows.flatMap((flow) => {
      const own = cells.filter((cell) => cell.scheme === scheme && cell.name === flow);
      return own.length === 0 ? [] : matrixCell(scheme, flow, own);
    }),
  );
  return [...matrix, ...schemes.flatMap((scheme) => baselineCells(scheme, cells))];
}

function matrixCell(series: string, x: string, cells: readonly Cell<boolean>[]): FigurePoint[] {
  const share = (outcomes: readonly boolean[]): number =>
    sixDigits(outcomes.filter((survives) => survives).length / outcomes.length);
  const place = {
    ...{ panel: matrixName, series, x },
    source: 'golden-handover',
  };
  return [
    { ...place, what: 'measured', y: share(cells.flatMap((cell) => cell.measured)) },
    { ...place, what: 'simulated', y: share(cells.flatMap((cell) => cell.simulated)) },
  ];
}

function baselineCells(scheme: string, all: readonly Cell<boolean>[]): FigurePoint[] {
  const own = all.filter((cell) => cell.scheme === scheme).filter(replicatesAgree);
  if (own.length === 0) return [];
  const right = own.filter(flowFits).length / own.length;
  const byTable = lookupBaseline(own, all, (answer, cell) => answer === cell.measured[0]) ?? 0;
  const place = { panel: shareName, x: scheme, what: 'simulated', source: 'golden-handover' } as const;
  return [
    { ...place, series: 'simulator', y: sixDigits(right) },
    { ...place, series: 'lookup table', y: sixDigits(byTable) },
  ];
}

function endToEndPoints(): FigurePoint[] {
  const data = referenceJson('golden-endtoend');
  const context = new Map(
    readMeasuredMoves(data).moves.map(({ id, params }) => [id, contextOf(params.scheme.when)]),
  );
  return validateEndToEnd(data).cases.flatMap(({ id, rep, measured: real, simulated: ours }) => {
    const series = context.get(id) ?? '';
    const source = `golden-endtoend ${id} ${rep}`;
    return [
      ...pair('Blackout (ms)', series, [real.blackout_ms, ours.blackout_ms], 1, source),
      ...pair('Total time (s)', series, [real.total_ms, ours.total_ms], 1000, source),
    ];
  });
}

/** When the entries were copied, in words. */
function contextOf(when: 'stop' | 'rounds' | 'start' | 'late' | undefined): string {
  if (when === undefined) return 'no entries copied';
  const words = {
    stop: 'in the pause',
    rounds: 'in rounds',
    start: 'at the start',
    late: 'after the resume',
  };
  return `entries copied ${words[when]}`;
}
