import { microseconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import { schemePreset } from '../scheme-preset.ts';
import type { SchemePreset } from '../scheme-preset.ts';
import { platformPlans } from './platform-plans.ts';

/** Schemes whose dynamic context does not travel, because it stays where it is or was never on the host. */
const patent = published(
  'US 10,146,594 B2, claims: old flows go through a temporary appliance, new ones meet the destination’s',
);
const drained = platformPlans(assumed('the destination’s appliance is set up before the VM comes'));

export const drainAppliance: SchemePreset = schemePreset(
  'drain-appliance',
  'old connections go on through the engines that they know until they end; new ones meet the destination’s',
  {
    ...drained,
    context: {
      ...drained.context,
      entries: [[], patent],
      gate: [{ waits: true, timeoutNs: Infinity, then: 'resume' }, assumed('rules before traffic')],
    },
    inFlight: { ...drained.inFlight, freeze: ['before-chain', assumed('the clone is of one moment')] },
    cutover: {
      ...drained.cutover,
      drain: [true, patent],
      drainDetourNs: [
        microseconds(100),
        assumed('nothing is published: there and back over two links of 20 us with their queues'),
      ],
    },
    cleanup: {
      when: ['when-drained', patent],
      delayNs: [0, null],
      by: ['interface', assumed('the appliance is the VM’s alone')],
      flushShared: [false, assumed('the appliance is the VM’s alone')],
    },
  },
);

const stateless = published(
  'Kablan et al., NSDI 2017, abstract: state in RAMCloud, 100 to 500 us more a packet',
);
const asked = platformPlans(assumed('the destination’s function is set up before the VM comes'));

export const remoteState: SchemePreset = schemePreset(
  'remote-state',
  'entries are kept in a store outside that every host asks for each packet: nothing to move, and a constant delay',
  {
    ...asked,
    context: {
      ...asked.context,
      entries: [[], stateless],
      store: ['remote', stateless],
      lookupNs: [microseconds(300), assumed('the middle of the 100 to 500 us of Kablan et al., NSDI 2017')],
      gate: [{ waits: true, timeoutNs: Infinity, then: 'resume' }, assumed('rules before traffic')],
    },
    inFlight: { ...asked.inFlight, freeze: ['before-chain', assumed('one host writes at a time')] },
  },
);
