import { claim, exact, relative } from './claim.ts';
import type { Claim, ClaimParts } from './claim.ts';
import { runContext } from './run-context.ts';
import { unprotectedShare } from './unprotected-share.ts';

/** C10 to C15: how much context may travel, and ways of moving state between engines. */
export function transferClaims(): Claim[] {
  return [...vmstateClaims(), nutanixClaim(), ...replicationClaims(), ...notModelled()];
}

const capFile = { file: 'context/state-cap.yaml', calibrated_on: 'nothing', free_parameters: 0 } as const;

/** 1 MiB of entries of 188 and of 60 bytes, and one entry more. */
function vmstateClaims(): Claim[] {
  const completes = (scheme: string, entries: number): number =>
    Number(
      runContext('context/state-cap', [scheme], [`initial_context[0].entries=${entries}`])(scheme).summary
        .migrations[0]?.outcome === 'completed',
    );
  return [
    claim({
      ...capFile,
      id: 'C10',
      what: 'the migration completes (1: yes) with 1 MiB of state, and with one entry more: 5,577 and 5,578 of 188 bytes, 17,476 and 17,477 of 60',
      source: 'QEMU, docs/interop/dbus-vmstate.rst',
      kind: 'bound',
      published: [1, 0, 1, 0],
      simulated: [
        completes('proxmox-9-like', 5_577),
        completes('proxmox-9-like', 5_578),
        completes('vmstate-of-60-bytes', 17_476),
        completes('vmstate-of-60-bytes', 17_477),
      ],
      band: exact,
      note: 'How many bytes an entry of Proxmox VE takes could not be read: 188 are Linux’s own message, 60 those of Nutanix’ migrator.',
    }),
  ];
}

function nutanixClaim(): Claim {
  const arrive = (entries: number): number => {
    const run = runContext('context/state-cap', ['nutanix-like'], [`initial_context[0].entries=${entries}`]);
    const [engine] = run('nutanix-like').summary.context.engines;
    return (engine?.items_at_freeze ?? NaN) - (engine?.missing ?? NaN);
  };
  return claim({
    ...capFile,
    id: 'C11',
    what: 'entries that arrive of 10,000 and of 10,001',
    source: 'Nutanix conntrack-migrator, 2021: max_entries_to_migrate in its tests',
    kind: 'bound',
    published: [10_000, 0],
    simulated: [arrive(10_000), arrive(10_001)],
    band: exact,
  });
}

/** Delays, in ms, at which the simulated savings are the published ones: fitted, once, to these alone. */
const fittedLagsMs = [82, 330] as const;

function replicationClaims(): Claim[] {
  const runs = [5, ...fittedLagsMs].map((lagMs) =>
    runContext('context/delayed-replication', ['delayed'], [`schemes[0].context.lag=${lagMs} ms`])('delayed'),
  );
  const sent = runs.map(({ pair }) =>
    pair.run.rows.contextTasks
      .filter(({ moment }) => moment === 'continuously')
      .reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const shared = {
    id: 'C12',
    source: 'Feng, Huang and Wu, GLOBECOM 2008, abstract',
    file: 'context/delayed-replication.yaml',
    free_parameters: 2,
  } as const;
  return [
    claim({
      ...shared,
      what: 'share of bandwidth that replicating late saves, with two delays (ours: 82 and 330 ms)',
      kind: 'fit',
      calibrated_on: 'the figures themselves: the delays',
      published: [0.5, 0.744],
      simulated: sent.slice(1).map((bytes) => 1 - bytes / (sent[0] ?? NaN)),
      band: relative(0.05),
    }),
    claim({
      ...shared,
      what: 'share of traffic that is unprotected with these delays, at most',
      kind: 'prediction',
      calibrated_on: 'the savings',
      published: [0.019, 0.034],
      simulated: runs.slice(1).map(({ pair }) => unprotectedShare(pair.run.rows)),
      band: { relative_below: 1, relative_above: 0, absolute: 0 },
      note: 'The trace is not published. Ours has sizes of a heavy tail, but only sizes: over 100 Mbit/s even large responses take about as long as the second delay, so that a third of the traffic is over before it is. Nor would slower links do: with these sizes at one rate for all, the half and the three quarters of flows that end before the delay leave 3.6 and 11 %. The published shares need sizes of a wider spread (lognormal with 3 in place of 2.4: 0.7 and 3.0 %), which only the trace could justify.',
    }),
  ];
}

/** Published figures that no scheme here could give, each with the reason. */
function notModelled(): Claim[] {
  const shared: Omit<ClaimParts, 'id' | 'what' | 'source' | 'published' | 'note'> = {
    file: '',
    kind: 'input',
    calibrated_on: 'nothing',
    free_parameters: 0,
    simulated: [],
    band: exact,
  };
  return [
    claim({
      ...shared,
      id: 'C13',
      what: 'savings over OpenNF, at most: latency of packets, time of the transfer',
      source: 'Gember-Jacobson and Akella, HotMiddlebox 2015, abstract',
      published: [0.92, 0.7],
      note: 'Not modelled: state goes from host to host here, never through a controller as in OpenNF, so that there is nothing to save.',
    }),
    claim({
      ...shared,
      id: 'C14',
      what: 'how much longer a new path may be without loss of goodput (Weak-O)',
      source: 'Patowary et al., arXiv 2404.07701, abstract',
      published: [5],
      note: 'Not modelled: that is about single flows moved between functions while both run; here a paused VM moves with all its flows, and no packet overtakes another on a longer path.',
    }),
    claim({
      ...shared,
      id: 'C15',
      what: 'latency in us that a remote store of state adds to each packet',
      source: 'Kablan et al., NSDI 2017, abstract',
      published: [100, 500],
      note: 'Not modelled: no engine asks a store for each packet. packet_cost of an engine delays packets as much, but also takes CPU time.',
    }),
  ];
}
