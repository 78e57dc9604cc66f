import { linuxListen } from '../models/network/listen-queue.ts';
import { settingsOfAge, type TcpSettings } from '../models/network/tcp-settings.ts';
import type { TcpSpec } from './scenario.ts';

/** As a scenario has it that says nothing of TCP. */
export const usualTcp: TcpSpec = {
  age: 'linux-6.x',
  congestionControl: 'cubic',
  retriesMax: 15,
  keepAlive: null,
  listen: linuxListen,
};

/** The settings of the TCP endpoints of all guests and peers of a scenario. */
export function tcpSettingsOf({
  age,
  congestionControl,
  retriesMax,
  keepAlive,
  listen,
}: TcpSpec): TcpSettings {
  return { ...settingsOfAge[age], congestionControl, retriesMax, keepAlive, listen };
}
