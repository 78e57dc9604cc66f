import { travelsAt } from '../models/migration/engine-plan.ts';
import type { PlanName, Scheme } from '../models/migration/scheme.ts';

/** A field of a plan, as the models name it. */
export type SchemeField = `${PlanName}.${string}`;

type Effect = (scheme: Scheme) => boolean;

/** Whether the field can make a difference beside the scheme's other values; those not listed always can. */
export function hasEffect(scheme: Scheme, field: SchemeField): boolean {
  return effects[field]?.(scheme) ?? true;
}

const entriesTravel: Effect = ({ context }) => plansOf(context).some(({ entries }) => entries.length > 0);
const rulesTravel: Effect = ({ context }) => plansOf(context).some(({ rules }) => rules.length > 0);
const anyTravels: Effect = (scheme) => entriesTravel(scheme) || rulesTravel(scheme);
const holds: Effect = ({ inFlight }) => inFlight.packets === 'hold';
const continuously: Effect = ({ context }) => travelsAt(context, 'continuously');

const effects: Readonly<Partial<Record<SchemeField, Effect>>> = {
  'selection.by': entriesTravel,
  'selection.sharedEntry': entriesTravel,
  'selection.addressLimit': (scheme) => entriesTravel(scheme) && scheme.selection.by === 'address',
  'context.fidelity': entriesTravel,
  'context.engines': entriesTravel,
  'context.cap': entriesTravel,
  'context.perEngine': ({ context }) => context.perEngine.length > 0,
  'context.whileBusy': ({ context }) => travelsAt(context, 'each-round'),
  'context.batchEntries': continuously,
  'context.lagNs': continuously,
  'context.afterResumeNs': ({ context }) => travelsAt(context, 'after-resume'),
  'context.lookupNs': ({ context }) => context.store === 'remote',
  'transport.channel': anyTravels,
  'transport.weight': (scheme) => anyTravels(scheme) && scheme.transport.channel === 'own-flow',
  'transport.bytesPerEntry': entriesTravel,
  'transport.readNsPerEntry': entriesTravel,
  'transport.exportNsPerEntry': entriesTravel,
  'transport.importNsPerEntry': entriesTravel,
  'transport.exportNsFixed': entriesTravel,
  'transport.importNsFixed': entriesTravel,
  'transport.bytesPerRule': rulesTravel,
  'transport.installNsPerRule': rulesTravel,
  'transport.installNsFixed': rulesTravel,
  'transport.mebibyteNs': anyTravels,
  'transport.encryption': anyTravels,
  'transport.acknowledgement': anyTravels,
  'inFlight.holdBytesMax': holds,
  'inFlight.replay': holds,
  'inFlight.order': holds,
  'cutover.drainDetourNs': ({ cutover }) => cutover.drain,
  'reconcile.existing': entriesTravel,
  'reconcile.timeouts': entriesTravel,
  'reconcile.tableFull': entriesTravel,
  'reconcile.checkEntries': entriesTravel,
  'reconcile.checkPolicy': rulesTravel,
  'cleanup.delayNs': ({ cleanup }) => cleanup.when !== 'never' && cleanup.when !== 'when-drained',
  'cleanup.by': ({ cleanup }) => cleanup.when !== 'never',
  'cleanup.flushShared': ({ cleanup }) => cleanup.when !== 'never',
};

type Moments = Pick<Scheme['context'], 'rules' | 'entries'>;

function plansOf(context: Scheme['context']): readonly Moments[] {
  return [context, ...context.perEngine];
}
