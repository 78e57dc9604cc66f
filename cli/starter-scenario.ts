/** What `nseh init` writes: small, complete, and commented where a reader will want to change something. */
export const starterScenario = `# yaml-language-server: $schema=./nseh.schema.json
# Every quantity carries its unit; nseh check first.yaml --resolved prints what is left to defaults.
format: 1
name: first
seed: 1
# The migration starts at its time plus a draw from this window, the same for every scheme.
start: uniform(500 ms)
# 924.6 s is when Linux gives up on a dead connection: what has not moved by then is dead.
until: 1100 s

hosts: # hypervisors that filter their guests' traffic
  - name: a
    memory: 8 GiB
    link: { rate: 10 Gbit/s, delay: 20 us }
  - name: b
    memory: 8 GiB
    link: { rate: 10 Gbit/s, delay: 20 us }

peers: # machines outside, which never move
  - { name: client, address: 10.0.1.1 }

vms:
  - name: web
    host: a
    address: 10.0.0.10
    memory: 2 GiB
    memory_access: # how the guest writes its memory
      kind: written
      regions:
        - { kind: kernel } # what an idle guest kernel writes
        - { kind: uniform, pages: 64 MiB, writes: 5000 pages/s } # its working set
        - { kind: unwritten, pages: rest }
    policy: { nft: first.nft } # its rules; nft_json: takes what nft -j list ruleset prints

initial_context: # connections that were there before the run begins
  - { vm: web, entries: 2000, port: 80 }

workloads: # nseh list workloads
  - name: browsing
    kind: request-response
    vm: web
    peer: client
    port: 80
    connections: 100
    response: 20 kB
    think: exponential(2 s)
    ramp: 2 s
    stop: 40 s
  - name: probes
    kind: probe
    vm: web
    peer: client
    port: 7
    stop: 40 s
  - name: attacks
    kind: attack
    vm: web
    peer: client
    kinds: [syn-closed-port, ack-open-port, rst-live-flow]
    open_port: 80
    closed_port: 8080
    stop: 40 s

migrations:
  - vm: web
    destination: b
    at: 10 s
    scheme: com # nseh list schemes; nseh explain com
`;

export const starterRules = `# The rules of the VM in first.yaml.
table inet first {
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    ct state invalid drop
    ip daddr 10.0.0.10 tcp dport 80 tcp flags & (fin|syn|rst|ack) == syn ct state new accept
    ip daddr 10.0.0.10 udp dport 7 ct state new accept
  }
}
`;

export const starterSweep = `# yaml-language-server: $schema=./nseh-sweep.schema.json
# Many runs of first.yaml: what does the move cost, and what is lost, with more connections in the table?
# nseh sweep first-sweep.yaml --dry-run says what will run; nseh stats out/first-sweep sums it up.
format: 1
scenario: first.yaml
set: { until: 30 s } # values that hold for all runs
vary: # every combination of these is a cell
  initial_context[0].entries: { values: [500, 2000, 8000], as: entries }
  scheme: [stock-drop, rules-only, com]
reps: 3 # repetitions of each cell, with draws of their own
assert: # thresholds: nseh sweep exits with 3 where one does not hold
  - { that: completed.min = 1 }
  - { that: context_missing.max = 0, where: scheme = com }
`;
