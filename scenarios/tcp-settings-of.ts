import { linux26, linux6, type TcpSettings } from '../models/network/tcp-settings.ts';
import type { TcpSpec } from './scenario.ts';

/** The settings of the TCP endpoints of all guests and peers of a scenario. */
export function tcpSettingsOf({
  age,
  congestionControl,
  retriesMax,
  keepAlive,
  listen,
}: TcpSpec): TcpSettings {
  return { ...(age === 'linux-2.6' ? linux26 : linux6), congestionControl, retriesMax, keepAlive, listen };
}
