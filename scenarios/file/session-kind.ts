import { z } from 'zod';
import type { SessionsValues, WorkloadPreset } from '../presets/workload-preset.ts';
import { choice, count, countOrUnlimited, port, quantityOr } from './field.ts';
import { interval, intervalOr } from './interval-field.ts';
import { list, mapping } from './mapping.ts';
import { messageSize } from './size-field.ts';
import { ramp, reconnect, when, who } from './workload-fields.ts';

/** Keys of a workload of TCP sessions, with the defaults of its preset. */
export function sessionsKind<Name extends string>({
  name,
  summary,
  values,
}: WorkloadPreset<Name, SessionsValues>) {
  return mapping({
    kind: z.literal(name).meta({ description: summary }),
    ...who,
    initiator: choice(['peer', 'vm'], 'who opens the connections').default(values.initiator),
    asks: choice(['peer', 'vm'], 'who asks once they are open').default(values.asks),
    port: port('port of the end that did not open the connection').default(values.port),
    users: count('closed loop: how many users, each with one connection at a time', 1, 1_000_000).default(
      values.users,
    ),
    arrivals: intervalOr(
      'closed',
      'open loop: from one new connection to the next, whatever becomes of them; `closed`: each user waits',
    ).default(values.arrivals),
    requests: countOrUnlimited('requests on one connection', 1).default(values.requests),
    request: messageSize('payload of a request').default(values.request),
    response: messageSize('payload of an answer').default(values.response),
    piece: quantityOr(
      'size',
      'whole',
      'progress of a message is seen in pieces of this size; `whole`: when all of it has come',
    ).default(values.piece),
    think: interval('from an answer to the next request on the same connection').default(values.think),
    rest: interval('from the last answer on a connection to the user’s next connection').default(values.rest),
    opening: list(
      mapping({
        from: choice(['peer', 'vm'], 'who says it'),
        size: messageSize('its payload'),
      }),
    )
      .default([...values.opening])
      .meta({ description: 'what is said on each connection before the first request, by turns' }),
    closes: choice(['peer', 'vm', 'nobody'], 'who closes after the last answer').default(values.closes),
    ramp,
    reconnect,
    ...when,
  });
}
