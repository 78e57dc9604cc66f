import { exceedsList } from '../models/migration/address-list.ts';
import type { Scheme } from '../models/migration/scheme.ts';
import type { Route } from './engine-contradictions.ts';
import { enginesBetween } from './engines-between.ts';
import type { HostSpec, VirtualMachineSpec } from './scenario.ts';
import { formatQuantity } from './units.ts';

/** Why a migration would fail whatever happens, and what would go. */
export interface MoveContradiction {
  /** The field of the migration that it lies in. */
  readonly field: 'vm' | 'destination';
  readonly message: string;
  readonly allowed: string;
}

/** What a scheme, a VM and the two hosts between which it goes say against each other. */
export function moveContradictions(
  scheme: Scheme,
  vm: VirtualMachineSpec,
  route: Route,
  hosts: readonly HostSpec[],
): MoveContradiction[] {
  return [
    ...missingEngines(scheme, route, hosts),
    ...tooLarge(vm, route, hosts),
    ...tooManyAddresses(scheme, vm),
  ];
}

function missingEngines(
  { name: scheme, context }: Scheme,
  { source, destination }: Route,
  hosts: readonly HostSpec[],
): MoveContradiction[] {
  if (context.missingEngine === 'pass') return [];
  return enginesBetween(hosts, source, destination).missing.map(({ name, kind }) => ({
    field: 'destination',
    message: `${destination} has no ${kind} named "${name}" as ${source} has, without which ${scheme} moves no VM`,
    allowed: 'such an engine there, another host, or a scheme with missing_engine: pass',
  }));
}

function tooLarge(
  { name: vm, memoryBytes }: VirtualMachineSpec,
  { destination }: Route,
  hosts: readonly HostSpec[],
): MoveContradiction[] {
  const room = hosts.find(({ name }) => name === destination)?.memoryBytes ?? Infinity;
  if (memoryBytes <= room) return [];
  const needs = formatQuantity(memoryBytes, 'size');
  const message = `${destination} has ${formatQuantity(room, 'size')} of memory, and ${vm} needs ${needs}`;
  return [{ field: 'destination', message, allowed: 'a larger host, or a smaller VM' }];
}

function tooManyAddresses(
  { name: scheme, selection }: Scheme,
  { name: vm, address, aliases }: VirtualMachineSpec,
): MoveContradiction[] {
  const addresses = [address, ...aliases];
  const { addressLimit } = selection;
  if (addressLimit.beyond !== 'fail' || !exceedsList(selection, addresses)) return [];
  const message = `${vm} has ${addresses.length} addresses, and ${scheme} moves no VM with more than ${addressLimit.addresses}`;
  return [{ field: 'vm', message, allowed: 'fewer addresses, or an address_limit that lets it go' }];
}
