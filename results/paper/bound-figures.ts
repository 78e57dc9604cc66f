import { panel, yesOrNo } from '../figures/paper-figure.ts';
import type { FigurePoint } from '../figures/paper-figure.ts';
import type { ConnectionMeasures } from '../connection-table.ts';
import { claimPoints } from './claim-points.ts';
import { connectionsOf, goesOn, openAt, shareAlive } from './measured-connections.ts';
import { schemeRuns } from './scheme-runs.ts';
import type { SchemeRun } from './scheme-runs.ts';
import type { PaperFigure } from './paper-figures.ts';
import { runPaper, runPaperSweep } from './run-paper.ts';
import { sixDigits } from './six-digits.ts';

const workingSetsMb = [8, 16, 32, 64, 128, 256, 512];
const apps = ['specweb', 'kernel-compile', 'bittorrent', 'netperf'] as const;
const truthPanel = 'What Table 1 asks';

/** Figures of Hines 2009 and Akoush 2010, the lag of a replicating daemon, and Achelous 2023. */
export const boundFigures: readonly PaperFigure[] = [
  {
    id: 'hines-stress',
    summary: 'Hines 2009, Fig. 4-6: reader and writer, pre-copy, post-copy, stop-and-copy',
    claims: ['P12', 'P13', 'P14', 'P15', 'P16'],
    design: {
      title: 'Hines and Gopalan 2009, Fig. 4–6: working sets of 8 to 512 MB',
      panels: [
        { ...panel('Total time', 'lines', 'working set (MB)', 's'), logX: true },
        { ...panel('Downtime of pre-copy', 'lines', 'working set (MB)', 'ms'), logX: true, logY: true },
        { ...panel('Pages sent', 'lines', 'working set (MB)', 'thousand pages'), logX: true },
      ],
      badge:
        'Reader and stop-and-copy with ballooning: fits to Fig. 4 and 5. Post-copy: exact bound on pages. Writer: prediction calibrated on ' +
        'the reader; its own figures were not read off.',
    },
    points: hinesPoints,
  },
  {
    id: 'hines-applications',
    summary: 'Hines 2009, Fig. 12-15: pre-copy and post-copy of four applications',
    claims: ['P17'],
    design: {
      title: 'Hines and Gopalan 2009, Fig. 12–15: pre-copy and post-copy of applications of 512 MB',
      panels: [
        panel('Pages sent', 'bars', '', 'thousand pages'),
        panel('Total time', 'bars', '', 's'),
        panel('Downtime', 'bars', '', 'ms'),
      ],
      badge:
        'Consistency: only the direction of the differences is held. Footprints of Fig. 12–15, writing as in Clark et al. 2005; ' +
        '3 free parameters.',
    },
    points: hinesApplications,
  },
  {
    id: 'akoush-bounds',
    summary: 'Akoush 2010: every run of Xen lies within the bounds',
    claims: ['P18', 'P19'],
    design: {
      title: 'Akoush et al. 2010: 48 guests under Xen 4.1.2 against the bounds',
      panels: [panel('512 MiB at 32 768 pages a second', 'points', 'total time (s)', 'downtime (s)')],
      badge:
        'Exact bound, calibrated on nothing: V/B ≤ total ≤ 5 V/B and downtime ≤ V/B (frame), overheads apart. ' +
        'scenarios/paper/sweeps/akoush-2010-bounds.yaml.',
    },
    points: boundPoints,
  },
  {
    id: 'akoush-table',
    summary: 'Akoush 2010, table I: shortest and longest migrations at three rates',
    claims: ['P19'],
    design: {
      title: 'Akoush et al. 2010, table I: shortest and longest migrations of 1 024 MiB',
      panels: [
        { ...panel('Longest downtime', 'lines', 'link (Mbit/s)', 'ms'), logX: true, logY: true },
        { ...panel('Total time', 'lines', 'link (Mbit/s)', 's'), logX: true, logY: true },
      ],
      badge:
        'Consistency: the table as recalled; goodput and overheads come from the same table, 3 free parameters. No verdict.',
    },
    points: akoushTable,
  },
  {
    id: 'conntrackd-lag',
    summary: 'entries that are replicated with a lag: what is missing when the VM resumes',
    claims: [],
    design: {
      title: 'conntrackd: entries that are replicated continuously, by the lag of the daemon',
      panels: [
        {
          ...panel('Flows wrongly dropped', 'lines', 'lag (ms)', 'flows'),
          logX: true,
        },
        { ...panel('Connections lost', 'lines', 'lag (ms)', '% of those open at the freeze'), logX: true },
      ],
      badge:
        'Prediction, no published points; replication as in the scheme conntrackd-like, whose costs are assumed. ' +
        'scenarios/paper/com/replication.yaml; com-rounds, which waits for its last difference, for comparison. Wrongly: the reference that never moved lets them pass.',
    },
    points: lagPoints,
  },
  {
    id: 'achelous-schemes',
    summary: 'Achelous 2023: how long each of four schemes interrupts whom',
    claims: [],
    design: {
      title: 'Achelous (Yang et al. 2023), section 7.3: interruption under four schemes',
      panels: [
        panel('Stateless probes', 'bars', '', 'longest gap (ms)'),
        panel('Connections that go on or come back', 'bars', '', '% of each kind of client'),
      ],
      badge:
        'Shown without a verdict: our own VM, clients and timers, not those of the paper. scenarios/research/achelous.yaml; ' +
        'com-rounds for comparison.',
    },
    points: () =>
      achelousRuns([
        'achelous-none',
        'achelous-tr',
        'achelous-tr-sr',
        'achelous-tr-ss',
        'com-rounds',
      ]).flatMap(achelousBars),
  },
  {
    id: 'achelous-truth',
    summary: 'Achelous 2023, Table 1: what each scheme keeps, published against simulated',
    claims: [],
    design: {
      title: 'Achelous (Yang et al. 2023), Table 1: which scheme keeps what',
      panels: [panel(truthPanel, 'matrix', '', yesOrNo)],
      badge:
        'Consistency with Table 1, calibrated on nothing; in a red frame published/simulated where they differ. ' +
        'scenarios/research/achelous.yaml.',
    },
    points: () => achelousRuns([...published.keys()]).flatMap(achelousTruth),
  },
];

function hinesPoints(): FigurePoint[] {
  const x = workingSetsMb;
  const reader = 'reader, pre-copy';
  const writer = 'writer, pre-copy';
  const post = runPaper('hines-2009-post-copy', 0);
  const source = 'scenarios/paper/hines-2009-post-copy.yaml';
  const postCopy = x.flatMap((mb): FigurePoint[] => {
    const { totalS, pages } = post(`writer-${mb}`);
    const place = { series: 'writer, post-copy', what: 'simulated', x: mb, source } as const;
    return [
      { ...place, panel: 'Total time', y: sixDigits(totalS) },
      { ...place, panel: 'Pages sent', y: pages / 1000 },
    ];
  });
  return [
    ...claimPoints('P14', 'total time', { panel: 'Total time', series: reader, x }),
    ...claimPoints('P13', 'total time', { panel: 'Total time', series: writer, x }),
    ...postCopy,
    ...claimPoints('P15', 'total time', { panel: 'Total time', series: 'stop-and-copy, ballooning', x }),
    ...claimPoints('P12', 'downtime', { panel: 'Downtime of pre-copy', series: reader, x }),
    ...claimPoints('P13', 'downtime', { panel: 'Downtime of pre-copy', series: writer, x }),
    ...claimPoints('P13', 'thousand pages', { panel: 'Pages sent', series: writer, x }),
  ];
}

function hinesApplications(): FigurePoint[] {
  const run = runPaper('hines-2009-applications', 0);
  const source = 'scenarios/paper/hines-2009-applications.yaml';
  return ['pre', 'post'].flatMap((kind) =>
    apps.flatMap((name): FigurePoint[] => {
      const { pages, totalS, downtimeS } = run(`${name}-${kind}`);
      const place = { series: `${kind}-copy`, what: 'simulated', x: name.split('-')[0]!, source } as const;
      return [
        { ...place, panel: 'Pages sent', y: pages / 1000 },
        { ...place, panel: 'Total time', y: sixDigits(totalS) },
        { ...place, panel: 'Downtime', y: sixDigits(downtimeS * 1000) },
      ];
    }),
  );
}

function boundPoints(): FigurePoint[] {
  const name = '512 MiB at 32 768 pages a second';
  // V/B is 131,072 pages at 32,768 a second: 4 s.
  const corners = [
    [4, 0],
    [4, 4],
    [20, 4],
    [20, 0],
    [4, 0],
  ] as const;
  const runs = runPaperSweep('akoush-2010-bounds').map(({ values, moves }): FigurePoint => {
    const { totalS, downtimeS } = moves('guest');
    const skips = values.get('skips') === 'true' || values.get('skips') === 1;
    const series = `${values.get('writer')}${skips ? ', dirtied pages skipped' : ''}`;
    const source = 'scenarios/paper/sweeps/akoush-2010-bounds.yaml';
    return { panel: name, series, what: 'simulated', x: sixDigits(totalS), y: sixDigits(downtimeS), source };
  });
  const frame = corners.map(([x, y]): FigurePoint => {
    return { panel: name, series: 'bound', what: 'bound', x, y, source: 'Akoush et al., MASCOTS 2010' };
  });
  return [...runs, ...frame];
}

function akoushTable(): FigurePoint[] {
  const x = [100, 1000, 10_000];
  return [
    ...claimPoints('P19', 'longest downtime', { panel: 'Longest downtime', series: 'all written', x }),
    ...claimPoints('P19', 'longest total', { panel: 'Total time', series: 'all written', x }),
    ...claimPoints('P19', 'shortest total', { panel: 'Total time', series: 'idle', x }),
  ];
}

const lagsMs = [1, 10, 30, 100, 300, 1000, 3000];

function lagPoints(): FigurePoint[] {
  const source = 'scenarios/paper/com/replication.yaml';
  const points = (run: SchemeRun, series: string, x: number): FigurePoint[] => {
    const open = openAt(run.pair, freezeNs(run));
    const place = { series, what: 'simulated', x, source } as const;
    return [
      { ...place, panel: 'Flows wrongly dropped', y: run.summary.exposure.wrongly_dropped },
      {
        ...place,
        panel: 'Connections lost',
        y: sixDigits(100 - percentAlive(open, goesOn)),
      },
    ];
  };
  const [com] = schemeRuns({ name: 'com/replication', schemes: ['com-rounds'], overrides: [] });
  return [
    ...lagsMs.flatMap((lagMs) =>
      schemeRuns({
        ...{ name: 'com/replication', schemes: ['replicated'] },
        overrides: [`schemes[0].context.lag=${lagMs} ms`],
      }).flatMap((run) => points(run, 'replicated, nothing waits', lagMs)),
    ),
    ...[lagsMs[0]!, lagsMs.at(-1)!].flatMap((lagMs) => points(com!, 'com-rounds', lagMs)),
  ];
}

function freezeNs({ pair }: SchemeRun): number {
  return pair.run.rows.phases.findLast(({ phase }) => phase === 'stop')?.timeNs ?? 0;
}

/** Share of the connections that go on, or that are back where that counts, in %. */
function percentAlive(
  connections: readonly ConnectionMeasures[],
  alive: (connection: ConnectionMeasures) => boolean,
): number {
  return connections.length === 0 ? 100 : (100 * connections.filter(alive).length) / connections.length;
}

function goesOnOrIsBack(connection: ConnectionMeasures): boolean {
  return goesOn(connection) || connection.outcome.kind === 'reconnected';
}

function achelousRuns(schemes: readonly string[]): SchemeRun[] {
  return schemeRuns({ name: '../research/achelous', schemes, overrides: [] });
}

const achelousSource = 'scenarios/research/achelous.yaml';

function achelousBars(run: SchemeRun): FigurePoint[] {
  const { scheme, summary } = run;
  const place = { series: scheme, what: 'simulated', source: achelousSource } as const;
  const gap = summary.service_gap_ms.probe_longest ?? 0;
  return [
    { ...place, panel: 'Stateless probes', x: 'probes', y: sixDigits(gap) },
    ...['plain', 'resettable', 'patient'].map((kind): FigurePoint => {
      const y = sixDigits(
        percentAlive(connectionsOf(run.pair, kind), kind === 'plain' ? goesOn : goesOnOrIsBack),
      );
      return { ...place, panel: 'Connections that go on or come back', x: kind, y };
    }),
  ];
}

/** Table 1: low downtime, stateless flows, stateful flows, applications unaware. */
const published: ReadonlyMap<string, readonly boolean[]> = new Map([
  ['achelous-none', [false, true, false, false]],
  ['achelous-tr', [true, true, false, false]],
  ['achelous-tr-sr', [true, true, true, false]],
  ['achelous-tr-ss', [true, true, true, true]],
]);
const properties = ['low downtime', 'stateless flows', 'stateful flows', 'applications unaware'];

/** A gap below a second is low; stateless flows work where no probe is lost but in one gap. */
function achelousTruth(run: SchemeRun): FigurePoint[] {
  const gap = run.summary.service_gap_ms;
  const ours = [
    (gap.probe_longest ?? Infinity) < 1000,
    gap.probe_lost === gap.probe_longest,
    percentAlive(connectionsOf(run.pair, 'resettable'), goesOnOrIsBack) === 100,
    shareAlive(run.pair, 'plain') === 1,
  ];
  const place = { panel: truthPanel, series: run.scheme };
  return properties.flatMap((x, i): FigurePoint[] => [
    {
      ...{ ...place, what: 'published', x, y: Number(published.get(run.scheme)?.[i] ?? false) },
      source: 'Yang et al., SIGCOMM 2023, Table 1',
    },
    { ...place, what: 'simulated', x, y: Number(ours[i]), source: achelousSource },
  ]);
}
