/** What a column of a results file, or a name in its JSON, means. */
export interface ColumnNote {
  readonly name: string;
  readonly unit: string;
  readonly means: string;
}

function notes(unit: string, means: Readonly<Record<string, string>>): ColumnNote[] {
  return Object.entries(means).map(([name, text]) => ({ name, unit, means: text }));
}

/** Every column of the files of a run and every name of `compare --json`, by unit. */
export const columnNotes: readonly ColumnNote[] = [
  ...notes('ms', {
    requested_ms: 'simulated time at which the migration was requested',
    total_ms: 'from the request, accepted, to the freeing of the source’s memory',
    settled_ms: 'from the request until the last learner has learnt and cleanup is done',
    downtime_ms: 'from the last guest instruction at the source to the first at the destination',
    memory_stop_ms: 'part of the downtime in which memory or devices were under way',
    context_stop_ms: 'part of the downtime in which a context task was open and no memory or device task was',
    other_stop_ms: 'part of the downtime in which neither memory nor context was under way',
    context_stop_busy_ms: 'part of the downtime in which any context task was open, memory or not',
    ms: 'length of the round',
    probe_longest: 'longest run of lost probes times their period; resolution one period',
    probe_lost: 'number of lost probes times their period',
    tcp_p50:
      'median over connections of the longest time without in-order progress while data was owed, less that of the same message without migration',
    tcp_max: 'the largest of these',
    p50: 'median from offer to whole delivery of a message',
    p99: '99th percentile of the same',
    p999: '99.9th percentile of the same',
    opened_ms: 'simulated time at which the connection opened',
    delay_ms: 'how much later than without migration the most delayed message arrived',
    gap_to_vm_ms:
      'longest time without progress towards the VM while data was owed, less that without migration; empty where nothing was owed',
    gap_to_peer_ms: 'the same towards the peer',
    latency_p50_ms: 'median from offer to whole delivery, of all messages of the workload',
    latency_p99_ms: '99th percentile from offer to whole delivery, of all messages of the workload',
    latency_p999_ms: '99.9th percentile from offer to whole delivery, of all messages of the workload',
    during_move_p50_ms: 'median from offer to whole delivery, of those offered while VMs were being moved',
    during_move_p99_ms:
      '99th percentile from offer to whole delivery, of those offered while VMs were being moved',
    during_move_p999_ms:
      '99.9th percentile from offer to whole delivery, of those offered while VMs were being moved',
    without_move_p50_ms:
      'median from offer to whole delivery, of those that the run without migration offered over the same time',
    without_move_p99_ms:
      '99th percentile from offer to whole delivery, of those that the run without migration offered over the same time',
    without_move_p999_ms:
      '99.9th percentile from offer to whole delivery, of those that the run without migration offered over the same time',
    time_ms: 'simulated time of the drop',
    start_ms: 'simulated time at which the interval of the series begins',
    length_ms: 'length of the interval',
    context_cpu_ms: 'CPU time of all hosts for reading and writing security context, in the whole run',
    export_ms: 'time in which an engine’s context was read at the source, waiting for a CPU included',
    import_ms: 'the same for writing at the destination, waiting for answers to the source included',
  }),
  ...notes('bytes', {
    memory_bytes: 'memory on the wire, all rounds and the stop phase',
    context_bytes: 'security context on the wire',
    bytes: 'bytes of this row: of a round on the wire, of a dropped packet',
    moved_bytes: 'context of an engine on the wire, attempts that failed included',
    delivered_bytes: 'bytes delivered in the interval',
    to_vm_bytes: 'payload of whole messages that a workload delivered to its VM, in the run or interval',
    to_peer_bytes: 'the same to its peer',
  }),
  ...notes('items', {
    context_items: 'rules, entries and removals that travelled',
    moved_items: 'rules, entries and removals of an engine that travelled, attempts that failed included',
    refused_items: 'of these, refused by the destination: there already, or no room',
    items_at_freeze: 'unexpired items of the VM at the source when it froze (S)',
    missing: 'in S and not there where the VM resumes: at the destination, or at the source after a failure',
    downgraded: 'arrived with less fidelity than they had',
    stale: 'arrived with fields that differ after ageing, or a lifetime more than 1 s off',
    resurrected: 'there at the resume, not in S',
    left_behind: 'still at the source after its cleanup',
  }),
  ...notes('connections', {
    total: 'all connections of the workloads, flows of datagrams among them',
    connections: 'connections that a workload opened, flows of datagrams among them',
    untouched: 'no message came 10 ms or more later than without migration',
    stalled: 'some message came 10 ms or more later, and it went on',
    reset: 'ended by a reset',
    hung: 'an end gave it up, or a message was still owed 1,000 s after the resume',
    reconnected: 'reset or given up, and opened again',
    latent_dead: 'nothing sent since the resume, but the next packet of one of the ends would be dropped',
    half_open: 'one end is closed, the other is not',
    unresolved: 'a message was owed, and the run ended before it was 1,000 s after the resume',
  }),
  ...notes('packets', {
    legitimate: 'packets of workloads that were dropped at the place for the cause',
    attack: 'packets of attacks, the same',
    attacks_delivered: 'packets whose sender meant an attack, delivered to the VM',
    legitimate_dropped: 'legitimate packets that an engine’s verdict dropped',
    wrongly_accepted:
      'first divergences from the engine that never moved: let through, which it would have dropped; beyond those that the same flow has without migration',
    wrongly_dropped:
      'first divergences from it: dropped, which it would have let through; beyond those that the same flow has without migration',
    consequent: 'later divergences of the same tuples, beyond those that the same flow has without migration',
    spared: 'divergences, first and later, of the run without migration that this one does not have',
    delivered_to_vm: 'packets that reached the VM in the interval',
    delivered_to_peer: 'packets that reached a peer in the interval',
    legitimate_dropped_by_engine: 'legitimate packets that an engine dropped in the interval',
    attacks_dropped_by_engine: 'attack packets that an engine dropped in the interval',
    dropped_otherwise: 'packets lost in the interval to pause, queue, loss or the lack of a place to go',
    probes_sent: 'probes sent in the interval',
    probes_lost: 'of these, unanswered at their deadline',
    packets: 'packets that links carried',
  }),
  ...notes('Mbit/s', {
    before: 'payload of messages that arrived before the first move was requested, over that time',
    during: 'the same while a move was under way, from its request until the VM runs at the destination',
    after: 'the same while no move was under way any more',
  }),
  ...notes('CPUs', {
    filtering_cpus: 'CPUs in use on average for the security engines',
    copying_cpus: 'CPUs in use on average for what migrations sent and received',
    context_cpus: 'CPUs in use on average for reading and writing security context',
    compression_cpus: 'CPUs in use on average for the compression of memory',
    guests_cpus: 'CPUs in use on average by guests, for their own work and their packets',
  }),
  ...notes('pages', { pages: 'pages of 4 KiB sent in the round' }),
  ...notes('rounds', { rounds: 'memory rounds, the one of the stop phase included' }),
  ...notes('fields', {
    fields_assumed: 'fields of the scheme whose value is assumed, not published or read in source',
    fields: 'fields of the scheme that have an effect',
  }),
  ...notes('events', { events: 'events that the simulation ran' }),
  ...notes('messages', {
    messages:
      'application messages, requests and answers or datagrams, delivered on the connection or by the workload',
  }),
  ...notes('number', {
    attempt: 'which attempt at the migration, from 1',
    seed: 'the seed of all chance',
    repetition: 'which repetition, from 0; each has draws of its own',
    flow: 'number of the connection or attack, the same under every scheme; -1 for none',
    items: 'rules, entries and removals that travelled before the first round, or after the resume',
    protocol:
      'of a dropped packet the IANA number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6; of a connection tcp or udp',
    source_port: 'port of the sender',
    destination_port: 'port of the receiver',
    tcp_flags: 'flags of the TCP header, lowest bit first: FIN, SYN, RST, PSH, ACK, URG',
  }),
  ...notes('text', {
    scenario: 'name of the scenario',
    scheme: 'name of the scheme under which VMs migrate; none for the control',
    migration: 'name of the migration; NAME.try-2 is the second attempt at NAME, and so on',
    move: 'name of the migration of which this is an attempt',
    vm: 'name of the VM',
    host: 'name of the host',
    period: 'before the first move, during moves, or after them',
    peer: 'name of the peer',
    source: 'host from which a VM moves; of a packet, the sender’s address',
    destination: 'host to which a VM moves; of a packet, the receiver’s address',
    engine: 'name of the security engine',
    workload: 'name of the workload',
    initiator: 'which end opened the connection: vm or peer',
    place: 'link, switch, host or engine where it happened',
    gap_to_vm_open: 'yes where data was still owed when the run ended, so that the gap is a lower bound',
    gap_to_peer_open: 'the same towards the peer',
    outcome: 'how a migration or connection ended',
    reason: 'why a migration failed; empty otherwise',
    transparent: 'whether the run could have been one without migration, up to loss and delay',
    cause: 'why a packet was dropped, a word of those below',
    intent: 'what the sender of a packet meant: legitimate, or the kind of attack',
  }),
];
