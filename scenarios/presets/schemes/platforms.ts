import { milliseconds, seconds } from '../../../sim/time.ts';
import { assumed, published } from '../mark.ts';
import { schemePreset } from '../scheme-preset.ts';
import type { MarkedPlans, SchemePreset } from '../scheme-preset.ts';
import { linuxCosts } from './linux-costs.ts';
import { platformPlans } from './platform-plans.ts';

const cilium = published('cilium/cilium#2644 and deckhouse/deckhouse#17429: entries do not move');

const target = platformPlans(assumed('the target pod is there, with its policy, before the switch-over'));

export const kubevirtCiliumLike: SchemePreset = schemePreset(
  'kubevirt-cilium-like',
  'KubeVirt with Cilium: policy is at the destination first, entries are lost (use tcp_loose: false)',
  {
    ...target,
    context: { ...target.context, entries: [[], cilium] },
  },
);

const ovn = published(
  'ovn-kubernetes#6581: the source’s CNI DEL flushes the VM’s addresses after they moved',
);
const rarp = published('OVN, activation-strategy=rarp: the destination blocks until it sees the VM’s RARP');

export const ovnKubernetesLike: SchemePreset = schemePreset(
  'ovn-kubernetes-like',
  'OVN-Kubernetes: the destination opens at the VM’s RARP; the source flushes by address, late',
  {
    ...platformPlans(rarp),
    context: {
      ...platformPlans(rarp).context,
      gate: [{ waits: true, timeoutNs: Infinity, then: 'resume' }, assumed('flows before traffic')],
    },
    cutover: { ...platformPlans(rarp).cutover, activateOn: ['announcement', rarp] },
    cleanup: {
      when: ['after-resume', ovn],
      delayNs: [seconds(1), assumed('how long after the move the source’s pod goes is not published')],
      by: ['address', ovn],
      flushShared: [true, ovn],
    },
  },
);

const calico2015 = published(
  'projectcalico/calico#11162: the move is a removal and an addition of a port, 2 s apart',
);

export const calico2015Like: SchemePreset = schemePreset(
  'calico-2015-like',
  'Calico of 2015: the port appears anew at the destination, its rules 2 s after the resume',
  {
    ...platformPlans(calico2015),
    context: {
      ...platformPlans(calico2015).context,
      rules: [['after-resume'], calico2015],
      afterResumeNs: [seconds(2), calico2015],
      untilInstalled: ['drop-all', calico2015],
    },
  },
);

const calicoLive = published('Calico 3.32, release notes: Base, Target, Live, TimeWait');
const lateCleanup = published('tigera/docs, CORE-13427: the old endpoint goes 12 to 20 s after the cut-over');

export const calicoLiveLike: SchemePreset = schemePreset(
  'calico-live-like',
  'Calico 3.32: policy is active before traffic switches; the source cleans up late',
  {
    ...platformPlans(calicoLive),
    context: {
      ...platformPlans(calicoLive).context,
      gate: [
        { waits: true, timeoutNs: Infinity, then: 'resume' },
        assumed('policy is active before traffic switches'),
      ],
    },
    cleanup: {
      when: ['after-resume', lateCleanup],
      delayNs: [seconds(15), assumed('within the 12 to 20 s of tigera/docs, CORE-13427')],
      by: ['address', assumed('entries of the workload’s addresses')],
      flushShared: [true, assumed('a flush by address reaches both ends')],
    },
  },
);

const achelous = published('Yang et al., SIGCOMM 2023, section 6.2, Table 1');
const achelousTimes = published(
  'Yang et al., SIGCOMM 2023, section 7.3: 0.4 s with redirection, 22.5 times as long without',
);

function achelousPlans(learnNs: number): MarkedPlans {
  const plans = platformPlans(achelous);
  return {
    ...plans,
    context: { ...plans.context, entries: [[], achelous] },
    cutover: {
      ...plans.cutover,
      announceNs: [[learnNs], achelousTimes],
      announcement: ['gratuitous-arp', assumed('stands for the controller’s update of locations')],
      redirect: [false, achelous],
      sessionReset: [false, achelous],
    },
  };
}

const relay = published(
  'Yang et al., SIGCOMM 2023, appendix B: a route at the source’s switch, which relays; sections 6.2 and 7.3: ACLs are the new switch’s',
);

const slow = achelousPlans(seconds(9));
const redirected: MarkedPlans = {
  ...slow,
  // What a route sends on is no VM’s of this host: no session or ACL here is asked.
  inFlight: { ...slow.inFlight, freeze: ['before-chain', relay] },
  cutover: {
    ...slow.cutover,
    announceNs: [[milliseconds(1030)], published('Yang et al., SIGCOMM 2023: 1.03 s to program, on average')],
    redirect: [true, achelous],
  },
};

/** Achelous (Yang et al., SIGCOMM 2023): its four schemes, from nothing to session synchronisation. */
export const achelousSchemes: readonly SchemePreset[] = [
  schemePreset(
    'achelous-none',
    'Achelous without redirection: announced after 9 s (our switch learns from the VM’s own frames, sooner)',
    slow,
  ),
  schemePreset('achelous-tr', 'Achelous TR: the source redirects until all senders have learnt', redirected),
  schemePreset(
    'achelous-tr-sr',
    'Achelous TR+SR: and the moved VM resets its sessions, so that peers reconnect',
    {
      ...redirected,
      cutover: { ...redirected.cutover, sessionReset: [true, achelous] },
    },
  ),
  schemePreset('achelous-tr-ss', 'Achelous TR+SS: and sessions are copied after the resume', {
    ...redirected,
    context: {
      ...redirected.context,
      entries: [['after-resume'], achelous],
      engines: ['all', assumed('sessions of the virtual switch are all that its engines keep')],
      fidelity: ['full', assumed('the virtual switch’s own sessions, whole')],
      afterResumeNs: [0, assumed('at once')],
    },
    transport: { ...redirected.transport, ...linuxCosts },
    cleanup: {
      ...redirected.cleanup,
      when: ['after-resume', assumed('once the sessions have been copied')],
      delayNs: [seconds(10), assumed('long after the copy')],
    },
  }),
];
