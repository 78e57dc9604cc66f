import { defaults } from './defaults.ts';
import { count, name, quantity, quantityOr } from './field.ts';
import { mapping } from './mapping.ts';

/** Who takes part: keys of every workload with traffic. */
export const who = {
  name: name('name of the workload'),
  count: count('how many such workloads; {i} counts', 1, 100_000).default(1),
  vm: name('the VM that takes part'),
  peer: name('the peer, or the other VM, that takes part'),
};

export const when = {
  start: quantity('time', 'when it begins').default(defaults.workload.start),
  stop: quantity('time', 'when it makes its last request or packet; `until` without it').optional(),
};

export const ramp = quantity('time', 'connections open evenly spread over this time').default(
  defaults.workload.ramp,
);

export const reconnect = mapping({
  after: quantityOr('time', 'never', 'from a reset or time-out to a new connection').default(Infinity),
  unanswered: quantityOr('time', 'never', 'a connection is given up when a request waits so long').default(
    Infinity,
  ),
})
  .prefault({})
  .meta({ description: 'what the end that opened the connection does when it breaks' });
