import type { SchemePreset } from './scheme-preset.ts';
import { conntrackdLike, nsxLike, nutanixLike, postCopyCom, proxmox9Like } from './schemes/carriers.ts';
import { comSchemes } from './schemes/com.ts';
import { drainAppliance, remoteState } from './schemes/elsewhere.ts';
import {
  achelousSchemes,
  calico2015Like,
  calicoLiveLike,
  kubevirtCiliumLike,
  ovnKubernetesLike,
} from './schemes/platforms.ts';
import { rulesOnly, stockAccept, stockDrop } from './schemes/stock.ts';

/** Every scheme that has a name without a scenario file, in the order in which they are listed. */
export const schemePresets: readonly SchemePreset[] = [
  stockDrop,
  stockAccept,
  rulesOnly,
  ...comSchemes,
  conntrackdLike,
  proxmox9Like,
  nutanixLike,
  kubevirtCiliumLike,
  ovnKubernetesLike,
  calico2015Like,
  calicoLiveLike,
  nsxLike,
  ...achelousSchemes,
  drainAppliance,
  remoteState,
  postCopyCom,
];

/** The preset of that name, `undefined` without one. */
export function findSchemePreset(name: string): SchemePreset | undefined {
  return schemePresets.find(({ scheme }) => scheme.name === name);
}
