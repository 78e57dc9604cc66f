import { z } from 'zod';
import { defaults } from './defaults.ts';
import { address, choice, count, factor, name, port, quantity, share, text } from './field.ts';
import { list, mapping } from './mapping.ts';
import { memoryAccessFile } from './memory-access-file.ts';

/** Where a VM's rules come from: exactly one of these keys. */
export const policyFile = mapping({
  nft_json: text('a file written by `nft -j list ruleset`, relative to the scenario file').optional(),
  nft: text('a file in the language of nft, as `nft list ruleset` prints it').optional(),
  rules: text('the rules themselves, in the language of nft').optional(),
});

export const policyOrNone = z
  .union([choice(['none'], 'no rules: everything passes'), policyFile])
  .meta({ description: 'the rules that are in force wherever the VM is: `none`, or where they are written' });

export const vmFile = mapping({
  name: name('name of the VM'),
  count: count('how many such VMs; names then hold {i}, addresses count up', 1, 100_000).default(1),
  host: name('the host on which it starts; in templates {i} or {i % 4}'),
  address: address('address of its interface'),
  aliases: list(address('an address'))
    .default([])
    .meta({ description: 'more addresses of the same interface; initial context is spread over all' }),
  memory: quantity('size', 'its memory, whole pages of 4 KiB'),
  memory_access: memoryAccessFile.optional().meta({
    description:
      'how the guest writes its memory; without it, as its workload does where that is known (nseh explain), or as an idle kernel',
  }),
  policy: policyOrNone,
  timers: choice(
    ['frozen', 'catch-up', 'running'],
    'what the guest’s timers do while it is paused: stand still, fire all at the resume, or run on',
  ).default(defaults.vm.timers),
  vcpus: factor('CPUs that the guest can use at most', 0.01, 4096).default(defaults.vm.vcpus),
  cpu_load: share(
    'share of its vCPUs that the guest uses for other things than packets while nothing slows it',
  ).default(defaults.vm.load),
  cpu_weight: factor('against other guests and the host’s own work', 0.001, 1e6).default(
    defaults.vm.cpuWeight,
  ),
  frame_cost: quantity(
    'time',
    'CPU time of the guest for each frame of up to 1500 bytes that it sends or takes',
  ).default(defaults.vm.frameCost),
  data_cost: quantity(
    'time',
    'CPU time of the guest for each 4 KiB of packets that it sends or takes',
  ).default(defaults.vm.dataCost),
});

/** Entries that are in a VM's table when the run starts, since five-day timeouts cannot be simulated into being. */
export const initialContextFile = mapping({
  vm: name('whose table'),
  count: count('how many such VMs; {i} counts', 1, 100_000).default(1),
  entries: count('established connections, peers alive but silent', 0, 10_000_000),
  port: port('the VM’s port to which they belong'),
});
