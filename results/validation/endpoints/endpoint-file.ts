import { z } from 'zod';
import { readForm } from '../read-form.ts';
import type { EndpointRecording } from './endpoint-case.ts';

const endName = z.enum(['c', 's']);
const whole = z.int().nonnegative();
const time = z.number();
const pair = z.tuple([z.number().positive(), z.number().positive()]);
const fault = z.tuple([z.enum(['c', 's', 'cs']), time, time]);
const act = z.union([
  z.tuple([time, endName, z.literal('send'), whole]),
  z.tuple([time, endName, z.enum(['connect', 'shutdown', 'close', 'abort', 'vanish'])]),
]);

/** What {@link replayEndpoints} knows to set. */
const knownSysctls = [
  'net.ipv4.tcp_early_retrans',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_orphan_retries',
  'net.ipv4.tcp_retries2',
  'net.ipv4.tcp_syn_retries',
  'net.ipv4.tcp_synack_retries',
  'net.ipv4.tcp_sack',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_timestamps',
] as const;

const sysctls = z.partialRecord(z.enum(knownSysctls), whole);

const endpointCase = z.strictObject({
  name: z.string().min(1),
  rttMs: z.number().positive(),
  rateMbps: z.number().positive().exactOptional(),
  leadMs: z.number().nonnegative(),
  script: z.array(act),
  runMs: z.number().positive(),
  answer: pair,
  answerFromZero: pair,
  closesAtEof: z.enum(['c', 's', 'cs']).exactOptional(),
  sysctls: sysctls.exactOptional(),
  clientSysctls: sysctls.exactOptional(),
  options: z.boolean().exactOptional(),
  keepAlive: z.tuple([z.number().positive(), z.number().positive(), whole]).exactOptional(),
  userTimeoutMs: z.number().positive().exactOptional(),
  cuts: z.array(fault).exactOptional(),
  holds: z.array(fault).exactOptional(),
  drop: z.array(z.tuple([endName, whole])).exactOptional(),
});

const dropped = z.union([z.literal(0), z.literal(1)]);
const sentPacket = z.union([
  z.tuple([time, endName, z.string(), z.int(), whole, z.int(), dropped]),
  z.tuple([time, endName, z.string(), z.int(), whole, z.int(), dropped, z.string()]),
]);

const recording: z.ZodType<EndpointRecording> = z.object({
  kernel: z.string(),
  cases: z.array(
    z.object({
      spec: endpointCase,
      runs: z.array(z.array(sentPacket)).min(1),
      clocksMs: z.array(z.number()).exactOptional(),
    }),
  ),
});

/** Reads what the recorder of this folder wrote; a file of another form is an error that names the place. */
export function readEndpointRecording(data: unknown): EndpointRecording {
  return readForm(recording, data, 'the form of results/reference/tcp-endpoints.json.gz');
}
