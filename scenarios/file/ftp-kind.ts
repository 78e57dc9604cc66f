import { z } from 'zod';
import type { FtpValues, WorkloadPreset } from '../presets/workload-preset.ts';
import { choice, count, countOrUnlimited, port } from './field.ts';
import { interval } from './interval-field.ts';
import { mapping } from './mapping.ts';
import { messageSize } from './size-field.ts';
import { ramp, reconnect, when, who } from './workload-fields.ts';

/** Keys of a workload of file transfers, with the defaults of its preset. */
export function ftpKind<Name extends string>({ name, summary, values }: WorkloadPreset<Name, FtpValues>) {
  return mapping({
    kind: z.literal(name).meta({ description: summary }),
    ...who,
    initiator: choice(['peer', 'vm'], 'who is the client').default(values.initiator),
    port: port('port of the control connection').default(values.port),
    users: count('how many users, each with one control connection', 1, 10_000).default(values.users),
    mode: choice(
      ['passive', 'active'],
      'data connections are opened by the client, to a port that the server announces, or the other way round',
    ).default(values.mode),
    direction: choice(['download', 'upload'], 'to the client or from it').default(values.direction),
    file: messageSize('size of a file').default(values.file),
    think: interval('from one file to the next').default(values.think),
    files: countOrUnlimited('files on one control connection', 1).default(values.files),
    data_port: port('the first port that is announced').default(values.data_port),
    data_ports: count('how many ports are announced, one for each user at a time', 1, 60_000).default(
      values.data_ports,
    ),
    ramp,
    reconnect,
    ...when,
  });
}
