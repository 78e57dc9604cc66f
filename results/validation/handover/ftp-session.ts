import { changedPacket, type Packet } from '../../../models/network/packet.ts';
import { ms } from '../../../sim/time.ts';
import type { Simulation } from '../../../sim/simulation.ts';
import type { FlowEndName, FlowPlace, MeasuredFlow } from '../flows/measured-flow.ts';
import { TcpConnection } from '../flows/tcp-connection.ts';
import type { Process } from '../../../sim/process.ts';

/** Whether a data channel could be opened; `control-broken` when it was not even announced. */
export type ChannelOutcome = boolean | 'control-broken';

/**
 * An FTP control connection as the recorder has it: greeting, USER, two PASV before the cut, of which only the
 * first channel is opened; later a byte each way, an attempt at the second channel, and two more PASV with theirs.
 */
export class FtpSession implements MeasuredFlow {
  readonly place: FlowPlace;
  readonly needed: readonly FlowEndName[] = ['connector', 'acceptor'];
  private readonly simulation: Simulation;
  private readonly connection: TcpConnection;
  private readonly openFirstChannel: () => void;
  /** Ports that were announced, by the sequence number of the line; retransmissions announce again. */
  private readonly announced = new Map<number, number>();
  private announcing = 0;
  private answersHeard = 0;
  private channelsOpened = 0;
  readonly channels: {
    announcedBefore: ChannelOutcome;
    firstPassive: ChannelOutcome;
    secondPassive: ChannelOutcome;
  } = {
    announcedBefore: false,
    firstPassive: 'control-broken',
    secondPassive: 'control-broken',
  };

  constructor(place: FlowPlace, simulation: Simulation, openFirstChannel: () => void) {
    this.place = place;
    this.simulation = simulation;
    this.openFirstChannel = openFirstChannel;
    this.connection = new TcpConnection(place, {
      established: (end) => {
        if (end === 'acceptor') this.connection.send('acceptor', lineBytes);
      },
      delivered: (end, bytes) => {
        if (end === 'connector') this.answersHeard++;
        else this.answer(bytes);
      },
    });
  }

  get received(): MeasuredFlow['received'] {
    return this.connection.received;
  }

  listen(): void {
    this.connection.listen();
  }

  open(): void {
    this.connection.open();
    this.simulation.spawn(this.before());
  }

  sendNextAt(): void {
    // A session keeps no period.
  }

  /** One byte each way, with which no line ends. */
  speak(): void {
    this.connection.send('connector', wordBytes);
  }

  /** The packet, as the line that it is: a firewall's helper reads announcements. */
  line(packet: Packet): Packet {
    if (packet.flow !== this.place.flow || packet.payloadBytes === 0) return packet;
    if (this.announcing > 0) this.announced.set(packet.sequence, this.announcing);
    this.announcing = 0;
    if (packet.payloadBytes === wordBytes) return changedPacket(packet, { endsLine: false });
    const port = this.announced.get(packet.sequence);
    if (port === undefined) return packet;
    return changedPacket(packet, { announces: { address: this.place.acceptor.address, port } });
  }

  /** Tries the channel that was announced and not opened. */
  tryAnnounced(): void {
    this.try(firstPort + 1, (opened) => {
      this.channels.announcedBefore = opened;
    });
  }

  /** Two more PASV, each followed by its channel. */
  *passiveTwice(): Process {
    yield* this.passive(firstPort + 2, (outcome) => {
      this.channels.firstPassive = outcome;
    });
    yield* this.passive(firstPort + 3, (outcome) => {
      this.channels.secondPassive = outcome;
    });
  }

  private *before(): Process {
    yield 100 * ms;
    this.connection.send('connector', lineBytes); // USER, answered by 331
    yield 100 * ms;
    this.command(firstPort);
    yield 100 * ms;
    this.openFirstChannel();
    yield 100 * ms;
    this.command(firstPort + 1);
  }

  private *passive(port: number, tell: (outcome: ChannelOutcome) => void): Process {
    const heard = this.answersHeard;
    this.command(port);
    yield patienceNs;
    if (this.answersHeard === heard) return;
    tell(false);
    this.try(port, tell);
    yield patienceNs;
  }

  private try(port: number, tell: (opened: boolean) => void): void {
    const { connector, acceptor, flow } = this.place;
    const place = { connector, acceptor, port, flow: flow + channelFlows + this.channelsOpened++ };
    const channel = new TcpConnection(place, {
      established: (end) => {
        if (end === 'connector') tell(true);
      },
      delivered: () => undefined,
    });
    channel.listen();
    channel.open();
  }

  private command(port: number): void {
    this.portAsked = port;
    this.connection.send('connector', lineBytes);
  }

  private portAsked = 0;

  private answer(bytes: number): void {
    this.announcing = this.portAsked;
    this.portAsked = 0;
    this.connection.send('acceptor', bytes === wordBytes ? wordBytes : lineBytes);
  }
}

const firstPort = 20_001;
const lineBytes = 40;
const wordBytes = 1;
/** So long the recorder waits for an answer or a connection (assumed). */
const patienceNs = 300 * ms;
/** Channels that are tried are flows of their own, numbered from the control connection's. */
const channelFlows = 32;
