import { s } from '../../sim/time.ts';
import { quantile } from '../statistics.ts';
import { absolute, claim, exact, relative } from './claim.ts';
import type { Claim } from './claim.ts';
import { connectionsOf, shareAlive } from './measured-connections.ts';
import { runContext } from './run-context.ts';
import type { SchemeRun } from './scheme-runs.ts';

const paper = 'Yang et al., SIGCOMM 2023';
const schemes = ['none-9-s', 'achelous-tr', 'achelous-tr-sr', 'achelous-tr-ss'] as const;

/** C3 to C7: redirection, session reset and session synchronisation. */
export function achelousClaims(): Claim[] {
  const run = runContext('context/achelous', schemes);
  return [truthTable(run), ...gapClaims(run), ...reconnectClaims(run), ...aclClaims(), onDemandClaim()];
}

type Runs = (scheme: string) => SchemeRun;

/** Low downtime, stateless flows, stateful flows, applications unaware. */
function truthTable(run: Runs): Claim {
  const row = (scheme: string): number[] => {
    const { summary, pair } = run(scheme);
    const { probe_longest, probe_lost } = summary.service_gap_ms;
    const unaware = shareAlive(pair, 'plain') === 1;
    const resettable = connectionsOf(pair, 'resettable');
    const stateful = unaware || resettable.every(({ outcome }) => outcome.kind === 'reconnected');
    // Stateless flows work again: no probe is lost but in one gap.
    return [(probe_longest ?? NaN) < 1000, probe_lost === probe_longest, stateful, unaware].map(Number);
  };
  return claim({
    id: 'C3',
    what: 'Table 1, row by row: no TR, TR, TR+SR, TR+SS; low downtime, stateless flows, stateful flows, applications unaware (1: yes)',
    source: `${paper}, Table 1`,
    file: 'context/achelous.yaml',
    kind: 'prediction',
    calibrated_on: 'the pause and the time to learn, section 7.3',
    free_parameters: 2,
    published: [
      ...[0, 1, 0, 0], // no TR
      ...[1, 1, 0, 0], // TR
      ...[1, 1, 1, 0], // TR+SR
      ...[1, 1, 1, 1], // TR+SS
    ],
    simulated: schemes.flatMap(row),
    band: exact,
  });
}

function gapClaims(run: Runs): Claim[] {
  const probeS = (scheme: string): number => (run(scheme).summary.service_gap_ms.probe_longest ?? NaN) / 1000;
  const { pair: tcp } = runContext('context/achelous-tcp', ['none-9-s'])('none-9-s');
  const gapsS = connectionsOf(tcp, 'sending').map(({ gapToVm }) => (gapToVm.gapNs ?? NaN) / s);
  return [
    claim({
      id: 'C4',
      what: 'lost probes in s: TR, and without redirection (22.5 times as many)',
      source: `${paper}, section 7.3`,
      file: 'context/achelous.yaml',
      kind: 'input',
      calibrated_on: 'the figures themselves',
      free_parameters: 2,
      published: [0.4, 9],
      simulated: [probeS('achelous-tr'), probeS('none-9-s')],
      band: absolute(0.01),
    }),
    claim({
      id: 'C4',
      what: 'gap of TCP in s without redirection (32.5 times 0.4 s), median of connections on which the client sends',
      source: `${paper}, section 7.3`,
      file: 'context/achelous-tcp.yaml',
      kind: 'prediction',
      calibrated_on: '9 s of lost probes',
      free_parameters: 0,
      published: [13],
      simulated: [quantile(gapsS, 0.5) ?? NaN],
      band: relative(0.05),
      note: 'Retransmissions double from 0.2 s on: the first after 9 s is the one after some 13 s.',
    }),
  ];
}

function reconnectClaims(run: Runs): Claim[] {
  const delayS = (scheme: string, workload: string): number =>
    (quantile(
      connectionsOf(run(scheme).pair, workload).map(({ outcome }) => outcome.delayNs),
      0.5,
    ) ?? NaN) / s;
  return [
    claim({
      id: 'C5',
      what: 'a client comes back in s: TR+SR after a reset; TR alone, where it asks anew after 32 s without an answer',
      source: `${paper}, section 7.3, Fig. 17`,
      file: 'context/achelous.yaml',
      kind: 'input',
      calibrated_on: 'the figures themselves: timers of the clients',
      free_parameters: 2,
      published: [1, 32],
      simulated: [delayS('achelous-tr-sr', 'resettable'), delayS('achelous-tr', 'patient')],
      band: relative(0.1),
      note: 'A request is due up to some think times of 0.3 s after the pause; its delay counts from then.',
    }),
    claim({
      id: 'C5',
      what: 'connections of a client that never comes back by itself which live: no TR, TR, TR+SR, TR+SS',
      source: `${paper}, section 7.3, Fig. 17`,
      file: 'context/achelous.yaml',
      kind: 'prediction',
      calibrated_on: 'nothing',
      free_parameters: 0,
      published: [0, 0, 0, 1],
      simulated: schemes.map((scheme) => shareAlive(run(scheme).pair, 'plain')),
      band: exact,
    }),
  ];
}

function aclClaims(): Claim[] {
  const run = runContext('context/achelous-acl', ['achelous-tr-sr', 'achelous-tr-ss']);
  const { summary, pair: copied } = run('achelous-tr-ss');
  const pauseS = (summary.migrations[0]?.downtime_ms ?? NaN) / 1000;
  const gapsS = connectionsOf(copied, 'requests').map(({ gapToVm, gapToPeer }) =>
    Math.max(gapToVm.gapNs ?? 0, gapToPeer.gapNs ?? 0),
  );
  const shared = { id: 'C6', source: `${paper}, section 7.3, Fig. 18`, file: 'context/achelous-acl.yaml' };
  const { pair: reset } = run('achelous-tr-sr');
  const served = connectionsOf(reset, 'requests').filter(({ outcome }) => outcome.kind === 'reconnected');
  return [
    claim({
      ...shared,
      what: 'share of clients that are served again where the new host’s ACL does not admit them: TR+SR, TR+SS',
      kind: 'prediction',
      calibrated_on: 'nothing',
      free_parameters: 0,
      published: [0, 1],
      simulated: [
        served.length / connectionsOf(reset, 'requests').length + shareAlive(reset, 'requests'),
        shareAlive(copied, 'requests'),
      ],
      band: exact,
    }),
    claim({
      ...shared,
      what: 'median gap in s with TR+SS beyond the pause',
      kind: 'prediction',
      calibrated_on: 'costs of Linux 6.18.44, measured',
      free_parameters: 1,
      published: [0.1],
      simulated: [(quantile(gapsS, 0.5) ?? NaN) / s - pauseS],
      band: relative(0.5),
      note: 'What the source’s switch relays follows a route and meets no session or ACL there (appendix B), and sessions are copied 6 ms after the resume, at Linux’ costs: what remains is the client’s next retransmission, 415 ms after it was first unanswered. What Achelous’ 100 ms are counted from, and what its control plane takes of them, is not said. If the relay judged by its sessions, acknowledgements would be INVALID to it for the second until the client has learnt: 1.28 s.',
    }),
  ];
}

function onDemandClaim(): Claim {
  return claim({
    id: 'C7',
    what: 'damage to the network that copying sessions on demand saves',
    source: `${paper}, appendix B`,
    file: '',
    kind: 'input',
    calibrated_on: 'nothing',
    free_parameters: 0,
    published: [0.5],
    simulated: [],
    band: exact,
    note: 'Not modelled: what “damage” counts is not defined there. Sessions are copied at once after the resume here.',
  });
}
