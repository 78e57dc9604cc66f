import { Protocol } from '../../models/network/packet.ts';
import { pageBytes } from '../../models/compute/memory-access.ts';
import { ms, s } from '../../sim/time.ts';
import { panel } from '../figures/paper-figure.ts';
import type { FigurePoint } from '../figures/paper-figure.ts';
import { migrationTimes } from '../measures/migration-times.ts';
import { claimPoints } from './claim-points.ts';
import { schemeRuns } from './scheme-runs.ts';
import type { PaperFigure } from './paper-figures.ts';
import { runPaper } from './run-paper.ts';
import type { PaperMove } from './run-paper.ts';
import { sixDigits } from './six-digits.ts';

const paper = 'Clark et al., NSDI 2005';
const mebi = 2 ** 20;
const loads = ['SPECweb99', 'OLTP', 'Quake 3', 'kernel compile'] as const;
const rates = [128, 256, 512] as const;

/** Figures of Clark et al., Live Migration of Virtual Machines, NSDI 2005. */
export const clarkFigures: readonly PaperFigure[] = [
  {
    id: 'clark-fig-3-6',
    summary: 'Clark 2005, Fig. 3-6: expected downtime after 1 to 4 rounds of four loads',
    claims: ['P09'],
    design: {
      title: 'Clark et al. 2005, Fig. 3–6: expected downtime after so many rounds of pre-copy',
      panels: loads.map((name) => panel(name, 'lines', 'rounds', 'downtime (s)')),
      badge:
        'Fit: the working sets come from the same figures at 128 and 512 Mbit/s; 256 Mbit/s was not read off and is a prediction. ' +
        'Free parameters: 3 for each load.',
    },
    points: () =>
      loads.flatMap((name) =>
        rates.flatMap((mbps) =>
          claimPoints('P09', `${name}: expected downtime in s after 1-4 rounds at ${mbps} `, {
            ...{ panel: name, series: `${mbps} Mbit/s`, x: [1, 2, 3, 4] },
          }),
        ),
      ),
  },
  {
    id: 'clark-fig-8',
    summary: 'Clark 2005, Fig. 8: throughput of a web server while it moves',
    claims: [],
    design: {
      title: 'Clark et al. 2005, Fig. 8: a web server that fills its link and its processor moves',
      panels: [panel('Throughput at the clients', 'lines', 'time since the request (s)', 'Mbit/s')],
      badge:
        'Prediction of the level during the move; calibrated on the level before it (870 Mbit/s) and on section 6.2 (12 % of a CPU for ' +
        '100 Mbit/s). Shortened: 64 MiB of memory and 40 clients in place of 800 MB and 100. scenarios/research/clark-figure-8.yaml.',
    },
    points: webServerPoints,
  },
  {
    id: 'clark-fig-9',
    summary: 'Clark 2005, Fig. 9: rate and size of the rounds of SPECweb99',
    claims: ['P01', 'P02', 'P03'],
    design: {
      title: 'Clark et al. 2005, Fig. 9: SPECweb99, its recorded rounds under the code of 2005',
      panels: [
        panel('Rate limit of each round', 'bars', 'round', 'Mbit/s'),
        panel('The whole move', 'bars', '', 's'),
      ],
      badge:
        'Replay: recorded sizes and dirtying of the rounds in, limits and stop rule out; two rates calibrated on Fig. 9.',
    },
    points: () => [
      ...claimPoints('P01', 'rate limit of rounds', {
        ...{ panel: 'Rate limit of each round', series: 'SPECweb99', x: roundNames(9) },
      }).filter(({ what }) => what === 'simulated'),
      ...claimPoints('P01', 'rate of rounds 1-6 in Mbit/s, as drawn', {
        ...{ panel: 'Rate limit of each round', series: 'SPECweb99', x: roundNames(6) },
      }).filter(({ what }) => what === 'published'),
      ...claimPoints('P03', 'live phase and total', {
        ...{ panel: 'The whole move', series: 'SPECweb99', x: ['live phase', 'total time'] },
      }),
    ],
  },
  {
    id: 'clark-fig-9-law',
    summary: 'Clark 2005, Fig. 9: SPECweb99 from its law of writing alone',
    claims: ['P04'],
    design: {
      title: 'Clark et al. 2005, Fig. 9: SPECweb99 from a law of its writing',
      panels: [
        panel('Live rounds', 'bars', '', 'rounds'),
        panel('MB sent and total time', 'bars', '', 'MB, s'),
        panel('Downtime', 'bars', '', 'ms'),
      ],
      badge:
        'Fit, calibrated on Fig. 9 and the scatter of Fig. 6 with 6 free parameters: no verdict; docs/validation.md says more.',
    },
    points: () => [
      ...claimPoints('P04', 'live rounds', { panel: 'Live rounds', series: 'SPECweb99', x: ['rounds'] }),
      ...claimPoints('P04', 'MB sent', {
        ...{ panel: 'MB sent and total time', series: 'SPECweb99', x: ['MB sent', 'total time (s)'] },
      }),
      ...claimPoints('P04', 'downtime', { panel: 'Downtime', series: 'SPECweb99', x: ['downtime'] }),
    ],
  },
  {
    id: 'clark-fig-10',
    summary: 'Clark 2005, Fig. 10: time between packets of a game server that moves',
    claims: [],
    design: {
      title: 'Clark et al. 2005, Fig. 10: packets of a Quake 3 server to one client across a move',
      panels: [panel('Time since the packet before', 'lines', 'time since the guest stopped (s)', 'ms')],
      badge:
        'Shown without a verdict: the figure was not read off. Ticks as in ioquake3, memory by a fit to Fig. 5, costs of Xen 3.x: ' +
        'scenarios/paper/com/applications.yaml, VM game.',
    },
    points: gamePoints,
  },
  {
    id: 'clark-fig-11',
    summary: 'Clark 2005, Fig. 11: rounds of a Quake 3 server',
    claims: ['P05'],
    design: {
      title: 'Clark et al. 2005, Fig. 11: a Quake 3 server, its recorded rounds under the code of 2005',
      panels: [
        panel('Sent in each round', 'bars', 'round', 'MiB'),
        panel('The whole move', 'bars', '', 'MiB, s'),
      ],
      badge:
        'Replay: recorded sizes and dirtying in; number of rounds, total and times out. Calibrated on nothing.',
    },
    points: quakePoints,
  },
  {
    id: 'clark-fig-12',
    summary: 'Clark 2005, Fig. 12: a memory muncher against the stop rules',
    claims: ['P06'],
    design: {
      title: 'Clark et al. 2005, Fig. 12: a writer that dirties memory faster than any round',
      panels: [
        panel('Rate limit of each round', 'bars', 'round', 'Mbit/s'),
        panel('Sent', 'bars', '', 'MiB'),
      ],
      badge: 'Replay; calibrated on the writer’s speed, 984 Mbit/s, Fig. 12; 1 free parameter.',
    },
    points: () => [
      ...claimPoints('P06', 'limit of rounds', {
        ...{ panel: 'Rate limit of each round', series: 'muncher', x: roundNames(3) },
      }),
      ...claimPoints('P06', 'MiB sent in round 1', { panel: 'Sent', series: 'muncher', x: ['round 1'] }),
      ...claimPoints('P06', 'MiB in the last copy', { panel: 'Sent', series: 'muncher', x: ['last copy'] }),
      ...claimPoints('P06', 'MiB sent', { panel: 'Sent', series: 'muncher', x: ['in all'] }),
    ],
  },
];

function roundNames(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i + 1));
}

/** Payload that reached the clients in each half second, and the two levels of the printed figure. */
function webServerPoints(): FigurePoint[] {
  const binNs = 500 * ms;
  const place = { panel: 'Throughput at the clients', series: 'web server' };
  const bytes = new Map<number, number>();
  const [run] = schemeRuns({
    ...{ name: '../research/clark-figure-8', schemes: ['stock-drop'] },
    overrides: ['vms[0].memory=64 MiB', 'workloads[0].connections=40', 'migrations[0].at=3 s', 'until=11 s'],
    listen: (scheme, observations) => {
      if (scheme === 'none') return;
      observations.packetDelivered.subscribe(({ to, timeNs, packet }) => {
        if (to !== 'peer') return;
        const bin = Math.floor(timeNs / binNs);
        bytes.set(bin, (bytes.get(bin) ?? 0) + packet.payloadBytes);
      });
    },
  });
  const { request, stop } = migrationTimes(run!.pair.run.rows.phases)[0]!.at;
  const at = (timeNs: number): number => (timeNs - (request ?? 0)) / s;
  const source = 'scenarios/research/clark-figure-8.yaml';
  const line = Array.from({ length: 20 }, (_, i): FigurePoint => {
    const mbps = ((bytes.get(i + 2) ?? 0) * 8) / (binNs / s) / 1e6;
    return { ...place, what: 'simulated', x: sixDigits(at((i + 2.5) * binNs)), y: sixDigits(mbps), source };
  });
  const printed = (x: number, y: number): FigurePoint => {
    return {
      ...place,
      what: 'published',
      x: sixDigits(x),
      y,
      source: `${paper}, Fig. 8: 870 and 765 Mbit/s`,
    };
  };
  return [...line, printed(-1, 870), printed(at(stop ?? 0) / 2, 765)];
}

/** Time between one packet and the next to the client that hears the server most, around the pause. */
function gamePoints(): FigurePoint[] {
  const times = new Map<number, number[]>();
  const [run] = schemeRuns({
    ...{ name: 'com/applications', schemes: ['com-rounds'], overrides: [] },
    listen: (scheme, observations) => {
      if (scheme === 'none') return;
      observations.packetDelivered.subscribe(({ to, timeNs, packet }) => {
        if (to !== 'peer' || packet.protocol !== Protocol.udp || packet.sourcePort !== 27_960) return;
        const known = times.get(packet.destinationPort);
        if (known === undefined) times.set(packet.destinationPort, [timeNs]);
        else known.push(timeNs);
      });
    },
  });
  const stop = migrationTimes(run!.pair.run.rows.phases).find(({ vm }) => vm === 'game')?.at.stop ?? 0;
  const [client = []] = times.values();
  return client.flatMap((timeNs, i): FigurePoint[] => {
    const before = client[i - 1];
    const x = (timeNs - stop) / s;
    if (before === undefined || x < -2 || x > 2) return [];
    const place = { panel: 'Time since the packet before', series: 'game server' };
    const source = 'scenarios/paper/com/applications.yaml';
    return [{ ...place, what: 'simulated', x: sixDigits(x), y: sixDigits((timeNs - before) / ms), source }];
  });
}

/** The amounts that the printed figure gives its rounds, MiB; they are what is replayed. */
const quakeSentMib = [56.3, 20.4, 4.6, 1.6, 1.2, 0.9, 1.2, 1.1, 0.8, 0.2];

function quakePoints(): FigurePoint[] {
  const move: PaperMove = runPaper('clark-2005-quake', 0)('quake');
  const place = { panel: 'Sent in each round', series: 'Quake 3' };
  const source = 'scenarios/paper/clark-2005-quake.yaml';
  const live = move.rounds.slice(0, move.liveRounds);
  return [
    ...live.map(({ pages }, i): FigurePoint => {
      return {
        ...place,
        what: 'simulated',
        x: String(i + 1),
        y: sixDigits((pages * pageBytes) / mebi),
        source,
      };
    }),
    ...quakeSentMib.map((y, i): FigurePoint => {
      return { ...place, what: 'published', x: String(i + 1), y, source: `${paper}, Fig. 11` };
    }),
    ...claimPoints('P05', 'MiB sent', {
      ...{ panel: 'The whole move', series: 'Quake 3', x: ['MiB sent', 'live phase (s)'] },
    }),
  ];
}
