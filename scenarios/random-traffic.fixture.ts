import { ms, s } from '../sim/time.ts';
import type { Interval } from '../models/workload/interval.ts';
import type { RecordedFlow } from '../models/workload/recorded-flows.ts';
import type { Size } from '../models/workload/size.ts';
import type { Dice } from './dice.fixture.ts';
import type { Has } from './random-scenario.fixture.ts';
import type {
  FileTransferSpec,
  QuestionsSpec,
  RecordedSpec,
  SessionsSpec,
  StreamsSpec,
  WorkloadSpec,
} from './workload-spec.ts';

const times = { startNs: 100 * ms, stopNs: 4 * s };

/** Workloads of each mechanism for one VM of a random scenario, those that its features ask for. */
export function randomTraffic(vm: string, index: number, dice: Dice, has: Has): WorkloadSpec[] {
  const found: WorkloadSpec[] = [];
  if (has('sessions')) found.push(sessions(vm, index, dice, has));
  if (has('file-transfers')) found.push(fileTransfer(vm, index, dice, has));
  if (has('streams')) found.push(streams(vm, index, dice));
  if (has('questions')) found.push(questions(vm, index, dice));
  if (has('recorded')) found.push(recorded(vm, index, dice));
  return found;
}

function sessions(vm: string, index: number, dice: Dice, has: Has): SessionsSpec {
  const endless = dice.coin();
  return {
    ...{ kind: 'sessions', name: `sessions-${index}`, vm, peer: 'client', initiator: 'peer', ...times },
    asks: dice.pick(['peer', 'vm']),
    port: 22,
    load: dice.coin()
      ? { kind: 'closed', users: dice.between(1, 5), rampNs: 300 * ms, rest: interval(dice, 500) }
      : { kind: 'open', arrivals: { kind: 'exponential', meanNs: dice.between(20, 500) * ms } },
    opening: dice.pick([[], [{ from: 'vm', size: size(dice) }]]),
    requestsMax: endless ? Infinity : dice.between(1, 5),
    request: size(dice),
    response: size(dice),
    pieceBytes: dice.pick([Infinity, 1000]),
    think: interval(dice, 200),
    closes: dice.pick(['peer', 'vm', 'nobody']),
    reconnect: reconnect(dice, has),
  };
}

function fileTransfer(vm: string, index: number, dice: Dice, has: Has): FileTransferSpec {
  const think = interval(dice, 300);
  return {
    ...{ kind: 'ftp', name: `files-${index}`, vm, peer: 'client', initiator: 'peer', port: 21, ...times },
    load: { kind: 'closed', users: dice.between(1, 3), rampNs: 300 * ms, rest: think },
    mode: dice.pick(['passive', 'active']),
    direction: dice.pick(['download', 'upload']),
    file: size(dice),
    think,
    filesMax: dice.pick([Infinity, 2]),
    dataPorts: { first: 50_000 + 10 * index, count: 10 },
    reconnect: reconnect(dice, has),
  };
}

function streams(vm: string, index: number, dice: Dice): StreamsSpec {
  const ticks = { period: { kind: 'constant', ns: dice.between(5, 100) * ms }, size: size(dice) } as const;
  return {
    ...{ kind: 'datagram-streams', name: `stream-${index}`, vm, peer: 'client', initiator: 'peer', ...times },
    ...{ port: 5004, flows: dice.between(1, 3), rampNs: 200 * ms, paths: ['client'] },
    byPeer: { ...ticks, period: { kind: 'constant', ns: 500 * ms } },
    byVm: dice.pick([null, ticks]),
    rebind: { kind: 'never' },
  };
}

function questions(vm: string, index: number, dice: Dice): QuestionsSpec {
  const byVm = dice.coin();
  return {
    ...{ kind: 'datagram-questions', name: `questions-${index}`, vm, peer: 'client', ...times },
    ...{ initiator: byVm ? 'vm' : 'peer', port: byVm ? 5300 + index : 53, flows: 2, rampNs: 200 * ms },
    paths: byVm ? [vm] : dice.pick([['client'], ['client', 'server']]),
    rebind: dice.pick([
      { kind: 'never' },
      { kind: 'every-question' },
      { kind: 'after', interval: interval(dice, 1000) },
    ]),
    ...{ question: size(dice), answer: size(dice), think: interval(dice, 200) },
    ...{ timeoutNs: dice.between(1, 1000) * ms, tries: dice.between(1, 3) },
  };
}

function recorded(vm: string, index: number, dice: Dice): RecordedSpec {
  const flow = (): RecordedFlow & { readonly peer: string } =>
    byHalves({
      peer: dice.pick(['client', 'server']),
      protocol: dice.pick(['tcp', 'udp']),
      initiator: 'peer',
      port: 8080,
      atNs: dice.between(0, 2000) * ms,
      messages: [1, 2, 3].map((step) => ({
        speaker: dice.pick(['peer', 'vm']),
        atNs: step * dice.between(1, 300) * ms,
        bytes: dice.between(1, 5000),
      })),
      closes: dice.pick(['peer', 'vm', 'nobody']),
      closesAtNs: dice.between(0, 1500) * ms,
      otherClosesAtNs: 0,
    });
  /** The end that closes first has said all by then; the other may go on. */
  const byHalves = <T extends RecordedFlow>(one: T): T => {
    const says = one.messages.some(({ speaker, atNs }) => speaker === one.closes && atNs > one.closesAtNs);
    return says || one.closes === 'nobody'
      ? one
      : { ...one, otherClosesAtNs: one.closesAtNs + dice.between(1, 500) * ms };
  };
  return { kind: 'recorded', name: `recorded-${index}`, vm, ...times, flows: [flow(), flow(), flow()] };
}

function interval(dice: Dice, mostMs: number): Interval {
  const meanNs = dice.between(1, mostMs) * ms;
  return dice.coin() ? { kind: 'constant', ns: meanNs } : { kind: 'exponential', meanNs };
}

function size(dice: Dice): Size {
  return dice.pick<Size>([
    { kind: 'constant', bytes: dice.between(1, 1400) },
    { kind: 'lognormal', medianBytes: 500, sigma: 2 },
    {
      kind: 'mix',
      parts: [
        { share: 0.9, bytes: 100 },
        { share: 0.1, bytes: 50_000 },
      ],
    },
  ]);
}

function reconnect(dice: Dice, has: Has): SessionsSpec['reconnect'] {
  if (!has('reconnects')) return { afterNs: Infinity, unansweredNs: Infinity };
  return { afterNs: dice.between(1, 500) * ms, unansweredNs: dice.pick([1 * s, Infinity]) };
}
