import { z } from 'zod';
import type { ContextMoment, Fidelity, PlanName, Scheme } from '../../models/migration/scheme.ts';
import { choice, count, countOrUnlimited, factor, flag, name, quantity, quantityOr } from './field.ts';
import { list } from './mapping.ts';
import { memoryPlanFile } from './memory-plan-file.ts';
import { plan } from './plan.ts';

const keys = ['interface', 'zone', 'mark', 'address'] as const;

const selection = plan({
  by: ['by', choice(keys, 'what tells the VM’s items from others')],
  shared_entry: [
    'sharedEntry',
    choice(
      ['copy', 'move', 'delete'],
      'an entry whose other end stays behind travels and stays, travels and leaves the source at the commit, or only leaves',
    ),
  ],
  address_limit: [
    'addressLimit',
    plan({
      addresses: ['addresses', countOrUnlimited('a list names no more of the VM’s addresses', 1)],
      beyond: [
        'beyond',
        choice(
          ['fail', 'move-nothing', 'first'],
          'a VM with more does not go, goes without its entries, or with those of the first addresses',
        ),
      ],
    }).meta({ description: 'with `by: address`: how long the list of its addresses may be' }),
  ],
});

const moments = [
  'at-reservation',
  'each-round',
  'stop-phase',
  'continuously',
  'after-resume',
  'on-demand',
] as const satisfies readonly ContextMoment[];

const fidelities = [
  'full',
  'save',
  'savefix',
  'naive',
  'noflags',
  'flags',
  'liberal',
  'natattr',
  'nat',
  'liberalnat',
] as const satisfies readonly Fidelity[];

const rules = [
  'rules',
  list(choice(moments, 'a moment')).meta({ description: 'when rules travel; [] for never' }),
] as const;

const entries = [
  'entries',
  list(choice(moments, 'a moment')).meta({
    description: 'when entries travel: the first transfer is a snapshot, each later one a difference',
  }),
] as const;

const fidelity = ['fidelity', choice(fidelities, 'how much of an entry arrives')] as const;

const cap = [
  'cap',
  plan({
    bytes: ['bytes', quantityOr('size', 'unlimited', 'no transfer has more bytes')],
    entries: ['entries', countOrUnlimited('no transfer has more entries', 0)],
    beyond: ['beyond', choice(['fail', 'move-nothing'], 'what happens beyond the cap')],
  }).meta({ description: 'how much may travel in one transfer' }),
] as const;

const enginePlan = plan({
  engine: ['engine', name('the engine by name, or all of a kind')],
  rules,
  entries,
  fidelity,
  cap,
  gated: ['gated', flag('the gate waits for this engine’s context')],
});

const context = plan({
  rules,
  entries,
  fidelity,
  engines: [
    'engines',
    z
      .union([choice(['all'], 'entries of every engine'), list(name('an engine'))])
      .meta({ description: 'the engines whose entries travel: `all`, or their names' }),
  ],
  missing_engine: [
    'missingEngine',
    choice(['pass', 'fail'], 'the destination lacks an engine: the VM goes without it, or does not go'),
  ],
  store: [
    'store',
    choice(['host', 'remote'], 'where entries are kept: on the host, or in a store that all hosts ask'),
  ],
  lookup: ['lookupNs', quantity('time', 'with `remote`: delay of each packet')],
  until_installed: [
    'untilInstalled',
    choice(
      ['no-engine', 'drop-all', 'rules'],
      'what the destination does with packets until the rules are there',
    ),
  ],
  while_busy: [
    'whileBusy',
    choice(
      ['queue', 'skip'],
      'a round’s difference while the last one is still under way: in order, or left out',
    ),
  ],
  batch_entries: ['batchEntries', count('with `continuously`: entries in a batch at most', 1)],
  lag: ['lagNs', quantity('time', 'with `continuously`: time from one reading of what changed to the next')],
  after_resume: ['afterResumeNs', quantity('time', 'with `after-resume`: how long after it')],
  gate: [
    'gate',
    plan({
      waits: ['waits', flag('the destination resumes only when the context is complete')],
      timeout: ['timeoutNs', quantityOr('time', 'never', 'it waits no longer')],
      then: ['then', choice(['resume', 'abort'], 'and then')],
    }).meta({ description: 'whether the destination waits for the context' }),
  ],
  cap,
  per_engine: [
    'perEngine',
    list(enginePlan).meta({
      description:
        'engines whose context goes by a plan of its own, whatever `engines` says; what such a plan leaves out is the scheme’s',
    }),
  ],
});

const transport = plan({
  channel: [
    'channel',
    choice(['before-pages', 'after-pages', 'own-flow'], 'in the memory stream, or a flow of its own'),
  ],
  weight: ['weight', factor('weight of an own flow against the memory stream’s 1', 0.001, 1000)],
  bytes_per_entry: ['bytesPerEntry', quantity('size', 'an entry on the wire')],
  bytes_per_rule: ['bytesPerRule', quantity('size', 'a rule on the wire')],
  read_per_entry: [
    'readNsPerEntry',
    quantity('time', 'CPU time of the source for each entry that a reading looks at, sent or not'),
  ],
  export_per_entry: [
    'exportNsPerEntry',
    quantity('time', 'CPU time of the source for an entry that is sent'),
  ],
  import_per_entry: ['importNsPerEntry', quantity('time', 'CPU time of the destination for an entry')],
  export_fixed: ['exportNsFixed', quantity('time', 'CPU time of the source for each dump')],
  import_fixed: ['importNsFixed', quantity('time', 'CPU time of the destination for each load')],
  install_per_rule: ['installNsPerRule', quantity('time', 'CPU time of the destination for a rule')],
  install_fixed: ['installNsFixed', quantity('time', 'CPU time of the destination for each rule set')],
  per_mebibyte: [
    'mebibyteNs',
    quantity('time', 'CPU time of source and destination for each MiB, whatever it holds'),
  ],
  encryption: [
    'encryption',
    plan({
      protocol: [
        'protocol',
        choice(['none', 'tls-1.3'], 'context goes as it is, or in records of 16 KiB and 22 B each'),
      ],
      per_mebibyte: ['mebibyteNs', quantity('time', 'CPU time of source and destination to encrypt a MiB')],
      handshake: [
        'handshakeNs',
        quantity('time', 'CPU time of each for the handshake, a round trip that an own flow begins with'),
      ],
    }).meta({ description: 'whether context is encrypted, and what that takes' }),
  ],
  acknowledgement: [
    'acknowledgement',
    plan({
      by: [
        'by',
        choice(
          ['stream', 'destination'],
          'a transfer is over when it has arrived, or when the destination’s last answer has come back',
        ),
      ],
      items_per_answer: ['itemsPerAnswer', count('items that one answer is for', 1)],
      size: ['bytes', quantity('size', 'an answer on the wire')],
      per_answer: ['ns', quantity('time', 'CPU time of each host for an answer')],
    }).meta({ description: 'whether the destination answers what it has loaded' }),
  ],
});

const chainEnds = ['before-chain', 'after-chain'] as const;

const inFlight = plan({
  freeze: [
    'freeze',
    choice(
      [...chainEnds, 'not-at-all'],
      'where packets that arrive after the pause are stopped at the source',
    ),
  ],
  packets: ['packets', choice(['drop', 'hold'], 'what becomes of them')],
  hold_max: ['holdBytesMax', quantityOr('size', 'unlimited', 'with `hold`: bytes held at most')],
  replay: ['replay', choice(chainEnds, 'with `hold`: where they enter at the destination')],
  order: [
    'order',
    choice(
      ['as-they-come', 'held-first'],
      'with `hold`: what reaches the destination before them passes them, or waits there, up to the same limit, and follows',
    ),
  ],
});

const cutover = plan({
  announce: [
    'announceNs',
    list(quantity('time', 'after the resume')).meta({
      description: 'announcements, as times after the resume',
    }),
  ],
  announcement: [
    'announcement',
    choice(['gratuitous-arp', 'rarp', 'neighbour-advertisement'], 'what is announced with'),
  ],
  redirect: ['redirect', flag('the source passes packets on until all have learnt the new place')],
  session_reset: ['sessionReset', flag('the moved VM resets its connections, so that peers reconnect')],
  announce_when: [
    'announceWhen',
    choice(['resumed', 'context-complete'], 'announcements wait until no context is on its way any more'),
  ],
  activate_on: [
    'activateOn',
    choice(['resume', 'announcement'], 'from when on the destination lets packets of the VM through'),
  ],
  drain: ['drain', flag('connections that the source’s engines know go on through them')],
  drain_detour: ['drainDetourNs', quantity('time', 'with `drain`: delay of each packet of those')],
});

const reconcile = plan({
  existing: [
    'existing',
    choice(
      ['keep', 'replace', 'merge'],
      'a loaded entry meets one that the destination has already: that one stays, or gives way; with `replace` a snapshot also takes the place of all that the destination has of the VM, with `merge` not',
    ),
  ],
  check_policy: ['checkPolicy', flag('rules older than those that the destination has are not installed')],
  check_entries: [
    'checkEntries',
    flag(
      'entries read under older rules than the destination has are loaded only where those would let their connection open',
    ),
  ],
  timeouts: [
    'timeouts',
    choice(
      ['remaining', 'absolute', 'restart'],
      'lifetime of a loaded entry: as it was read, less the time on the way, or anew',
    ),
  ],
  table_full: [
    'tableFull',
    choice(
      ['fail', 'evict', 'skip'],
      'a loaded entry meets a full table: the migration fails, another entry gives way, or it does',
    ),
  ],
});

const cleanup = plan({
  when: [
    'when',
    choice(
      ['at-pause', 'at-commit', 'after-resume', 'when-drained', 'never'],
      'when the source forgets the VM',
    ),
  ],
  delay: ['delayNs', quantity('time', 'how long after that')],
  by: ['by', choice(keys, 'what tells the items to be forgotten')],
  flush_shared: ['flushShared', flag('this reaches entries whose other end stays behind')],
});

/** How a VM is moved, spelled out whole. A file may write less with `based_on`, see `spell-out.ts`. */
export const schemeFile = plan({
  name: ['name', name('name of the scheme')],
  memory: ['memory', memoryPlanFile.meta({ description: 'how memory is copied' })],
  selection: ['selection', selection.meta({ description: 'which items of an engine are the VM’s' })],
  context: ['context', context.meta({ description: 'when which part of the security context travels' })],
  transport: ['transport', transport.meta({ description: 'how context reaches the destination' })],
  in_flight: [
    'inFlight',
    inFlight.meta({ description: 'packets that arrive at the source after the pause' }),
  ],
  cutover: ['cutover', cutover.meta({ description: 'how the network learns where the VM is' })],
  reconcile: [
    'reconcile',
    reconcile.meta({ description: 'loaded entries that meet others at the destination' }),
  ],
  cleanup: ['cleanup', cleanup.meta({ description: 'when and how the source forgets the VM’s context' })],
});

/** The plans of a scheme besides memory: what the file calls them, what the models do, and their schemas. */
export function mappingsOfScheme(): readonly SchemePart[] {
  return [
    { key: 'selection', part: 'selection', schema: selection },
    { key: 'context', part: 'context', schema: context },
    { key: 'transport', part: 'transport', schema: transport },
    { key: 'in_flight', part: 'inFlight', schema: inFlight },
    { key: 'cutover', part: 'cutover', schema: cutover },
    { key: 'reconcile', part: 'reconcile', schema: reconcile },
    { key: 'cleanup', part: 'cleanup', schema: cleanup },
  ];
}

export interface SchemePart {
  readonly key: string;
  readonly part: PlanName;
  readonly schema: z.core.$ZodType;
}

// These compile only while files can say all that the models' type has, and nothing else.
type Within<Part, Whole> = Part extends Whole ? true : never;
export const schemesAreComplete: Within<z.output<typeof schemeFile>, Scheme> = true;
export const schemesCanBeWritten: Within<Scheme, z.output<typeof schemeFile>> = true;
