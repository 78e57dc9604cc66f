import { s } from '../../sim/time.ts';
import { absolute, claim, exact } from './claim.ts';
import type { Claim } from './claim.ts';
import { shareAlive } from './measured-connections.ts';
import { runContext } from './run-context.ts';

/** C16 to C19: entries that are not what they were, gone too early, or never looked at. */
export function staleClaims(): Claim[] {
  return [...forgedClaims(), ...cleanupClaims(), gatewayClaim(), uninspectedClaim()];
}

function forgedClaims(): Claim[] {
  const file = 'context/forged-segments';
  const schemes = ['none', 'com-rounds-strict', 'rules-only', 'com-rounds-liberal'];
  const run = runContext(file, schemes);
  const strict = runContext(
    file,
    ['rules-only'],
    ['hosts[0].nse[0].tracking.tcp_loose=false', 'hosts[1].nse[0].tracking.tcp_loose=false'],
  )('rules-only');
  // One every 5 ms from 4 s to 7.995 s.
  const shots = 800;
  const rejected = [...schemes.map(run), strict].map(
    ({ summary }) => 1 - (summary.exposure.attacks_delivered_by_kind['data-live-flow'] ?? 0) / shots,
  );
  return [
    claim({
      id: 'C16',
      what: 'share of forged segments that are refused: never moved, copied without windows, picked up, liberal; no pick-up',
      source: 'measured, Linux 6.18.44: 1,000 segments with random numbers each',
      file: `${file}.yaml`,
      kind: 'prediction',
      calibrated_on: 'connection tracking, packet by packet: results/reference/golden-conntrack.json.gz',
      free_parameters: 0,
      published: [0.753, 0.76, 0, 0, 1],
      simulated: rejected,
      band: absolute(0.05),
    }),
  ];
}

function cleanupClaims(): Claim[] {
  const file = '../field/late-source-cleanup';
  const run = runContext(file, ['late-cleanup', 'com-rounds']);
  const { rows } = run('late-cleanup').pair.run;
  const activeNs = rows.phases.find(({ phase }) => phase === 'activate')?.timeNs ?? NaN;
  const firstNs = rows.divergences.find(({ kind }) => kind === 'wrongly-dropped')?.timeNs ?? NaN;
  const shared = { id: 'C17', source: 'tigera/docs, CORE-13427', file: `${file}.yaml` };
  return [
    claim({
      ...shared,
      what: 'flows of both hosts die so many s after the resume: 12 to 20',
      kind: 'input',
      calibrated_on: 'the figure itself: the source cleans up after 15 s',
      free_parameters: 1,
      published: [16],
      simulated: [(firstNs - activeNs) / s],
      band: absolute(4),
    }),
    claim({
      ...shared,
      what: 'share of them that live: the source flushes the VM’s addresses late; it leaves entries of others alone',
      kind: 'prediction',
      calibrated_on: 'nothing',
      free_parameters: 0,
      published: [0, 1],
      simulated: ['late-cleanup', 'com-rounds'].map((scheme) => shareAlive(run(scheme).pair, 'neighbours')),
      band: exact,
    }),
  ];
}

function gatewayClaim(): Claim {
  const file = '../field/flush-at-source';
  const { pair } = runContext(file, ['flush-by-address'])('flush-by-address');
  const stalled = ['through-0', 'through-1', 'through-2'].map((name) => 1 - shareAlive(pair, name));
  return claim({
    id: 'C18',
    what: 'flows that stall for good, by gateway: at the source, at two other hosts',
    source: 'ovn-kubernetes#6581: a flush of the VM’s addresses needs the entry at the source',
    file: `${file}.yaml`,
    kind: 'prediction',
    calibrated_on: 'nothing',
    free_parameters: 0,
    published: [1, 0, 0],
    simulated: stalled,
    band: exact,
    note: 'That 3 to 10 % of migrations stall is not modelled: it is how often the gateway happens to be the source, one in as many hosts as there are, together with a second fault that is not described.',
  });
}

function uninspectedClaim(): Claim {
  const file = 'context/partner-engine';
  const { summary, pair } = runContext(file, ['nsx-like'])('nsx-like');
  const uninspected = summary.exposure.wrongly_accepted_by_cause['not-inspected'] ?? 0;
  return claim({
    id: 'C19',
    what: 'share of sessions that go on uninspected after the VM of a partner’s firewall has moved',
    source: 'Palo Alto Networks, VM-Series on NSX, 7.1 to 8.1',
    file: `${file}.yaml`,
    kind: 'prediction',
    calibrated_on: 'nothing',
    free_parameters: 0,
    published: [1],
    simulated: [uninspected / pair.connections.length],
    band: exact,
    note: 'The partner’s engine is intrusion prevention that lets pass what it did not see begin; whether it does is its setting.',
  });
}
