import { initialSequence } from '../network/initial-sequence.ts';
import type { LineWriter } from '../network/endpoint-host.ts';
import { changedPacket, type DataChannel } from '../network/packet.ts';
import { Conversation } from './conversation.ts';
import type { ConversationListener, ConversationSetting } from './conversation-context.ts';
import { otherEnd, type KnownConnections, type PassageQuestion } from './flow-ends.ts';
import { drawBytes, type Size } from './size.ts';
import { refuseStrangers } from './refuse-strangers.ts';
import {
  TcpSessions,
  type FlowRange,
  type TcpSessionsParts,
  type TcpSessionsSettings,
} from './tcp-sessions.ts';
import { turn, type Pause, type Preparation, type Script, type Speakers, type Turn } from './turn.ts';

/** FTP (RFC 959): a control connection, and a data connection for each file that one of its lines announces. */
export interface FileTransferSettings extends TcpSessionsSettings {
  /** `passive`: the server announces where the client is to connect to; `active`: the other way round. */
  readonly mode: 'passive' | 'active';
  readonly direction: 'download' | 'upload';
  readonly file: Size;
  /** From one file to the next. */
  readonly think: Pause;
  readonly filesMax: number;
  /** Ports of data connections, as many as there may be at once. */
  readonly dataPorts: { readonly first: number; readonly count: number };
}

export interface FileTransferParts extends Omit<TcpSessionsParts, 'settings' | 'script'> {
  readonly settings: FileTransferSettings;
  /** Numbers of the data connections. */
  readonly dataFlows: FlowRange;
}

/** Sizes of lines as a common server writes them; what is said matters only in the line that announces. */
const lineBytes = { greeting: 20, user: 16, pass: 16, passive: 6, announce: 50, retrieve: 20, answer: 40 };

/** Progress of a file is seen in pieces as large as a packet under segmentation offload. */
const pieceBytes = 65_536;

/**
 * Users of an FTP server. A firewall has to read the control connection to know the data connections: they are
 * RELATED to it. A data connection that breaks ends its file, and the control connection goes on.
 */
export class FileTransfer {
  private readonly parts: FileTransferParts;
  private readonly control: TcpSessions;
  private readonly transfers = new Map<number, Transfer>();
  /** The file under way on each control connection. */
  private readonly current = new Map<number, Transfer>();
  private readonly listening = new Set<number>();
  /** Files that were asked for on each control connection. */
  private readonly files = new Map<number, number>();

  constructor(parts: FileTransferParts) {
    this.parts = parts;
    const script = this.script();
    this.control = new TcpSessions({ ...parts, script: () => script });
  }

  start(): void {
    this.control.start();
  }

  publishStates(wouldPass: PassageQuestion): void {
    this.control.publishStates(wouldPass);
    for (const transfer of this.transfers.values()) transfer.conversation.publishState(wouldPass);
  }

  /** The control connections. */
  get known(): KnownConnections {
    return this.control.known;
  }

  /** The data connection is over and forgotten. */
  forget(transfer: Transfer): void {
    transfer.conversation.publishState(() => true);
    this.transfers.delete(transfer.conversation.flow);
  }

  /** The last file of a control connection is over. */
  private forgetControl(flow: number): void {
    this.files.delete(flow);
    this.current.delete(flow);
  }

  private get client(): 'peer' | 'vm' {
    return this.parts.settings.initiator;
  }

  private get server(): 'peer' | 'vm' {
    return otherEnd(this.client);
  }

  private get announcer(): 'peer' | 'vm' {
    return this.parts.settings.mode === 'passive' ? this.server : this.client;
  }

  private script(): Script {
    const { think, filesMax, mode } = this.parts.settings;
    const { client, server } = this;
    const now: Pause = { kind: 'none' };
    const line = (speaker: 'peer' | 'vm', bytes: number, before: Preparation | null = null): Turn => ({
      ...turn(speaker, { kind: 'constant', bytes }, now),
      before,
    });
    const announce: Preparation = (control, speak) => this.announce(control, speak);
    const connect: Preparation = (control, speak) => this.transferOf(control).connect(speak);
    const release: Preparation = (control, speak) => this.transferOf(control).release(speak);
    const finish: Preparation = (control, speak) =>
      this.transferOf(control).whenEnded(() => {
        if (this.files.get(control.flow) === filesMax) this.forgetControl(control.flow);
        speak();
      });
    const passive = [
      { ...line(client, lineBytes.passive), pause: think },
      line(server, lineBytes.announce, announce),
      line(client, lineBytes.retrieve, connect),
      line(server, lineBytes.answer, release),
    ];
    const active = [
      { ...line(client, lineBytes.announce, announce), pause: think },
      line(server, lineBytes.answer),
      line(client, lineBytes.retrieve),
      line(server, lineBytes.answer, (control, speak) => {
        this.transferOf(control).connect(() => this.transferOf(control).release(speak));
      }),
    ];
    return {
      opening: [
        line(server, lineBytes.greeting),
        line(client, lineBytes.user),
        line(server, lineBytes.answer),
        line(client, lineBytes.pass),
        line(server, lineBytes.answer),
      ],
      round: [...(mode === 'passive' ? passive : active), line(server, lineBytes.answer, finish)],
      roundsMax: filesMax,
      closes: client,
      closesBy: 'close',
      closesAtNs: 0,
      answer: null,
      pausesFirst: false,
    };
  }

  private transferOf(control: Speakers): Transfer {
    return this.current.get(control.flow)!;
  }

  /** The line that follows says where the next data connection goes to. */
  private announce(control: Speakers, speak: () => void): void {
    const { flows, dataFlows, ends, settings } = this.parts;
    const file = this.files.get(control.flow) ?? 0;
    this.files.set(control.flow, file + 1);
    // The same number for the same file under every scheme, and for each user at one time a port of its own.
    const session = control.flow - flows.first;
    const { filesMax, load } = settings;
    const users = load.kind === 'closed' ? load.users : 1;
    const index = filesMax === Infinity ? session + users * file : session * filesMax + file;
    const flow = dataFlows.first + (index % dataFlows.count);
    const port = settings.dataPorts.first + (session % settings.dataPorts.count);
    const host = ends[this.announcer];
    if (!this.listening.has(port)) {
      this.listening.add(port);
      host.listenTcp(port, (syn) => this.transfers.get(syn.flow)?.conversation ?? refuseStrangers);
    }
    const transfer = new Transfer(this, this.dataContext(port), settings, flow);
    this.transfers.set(flow, transfer);
    this.current.set(control.flow, transfer);
    const at = control.writtenBytes(this.announcer);
    host.writeLines(control.flow, announcingAt(at, { address: host.address, port }));
    speak();
  }

  private dataContext(port: number): ConversationSetting {
    const { ends, settings, simulation, observations } = this.parts;
    const { pauses, sizes } = this.control;
    const initiator = otherEnd(this.announcer);
    const reconnect = { afterNs: Infinity, unansweredNs: Infinity };
    const { name } = settings;
    // A file that was asked for comes, even when the workload is over meanwhile.
    return {
      name,
      ends,
      initiator,
      port,
      reconnect,
      stopNs: Infinity,
      simulation,
      observations,
      pauses,
      sizes,
    };
  }
}

/** One file and its data connection. */
class Transfer {
  readonly conversation: Conversation;
  private ready: (() => void) | null = null;
  private send: (() => void) | null = null;
  private ended: (() => void) | null = null;
  private released = false;
  private finished = false;

  constructor(
    owner: FileTransfer,
    context: ConversationSetting,
    settings: FileTransferSettings,
    flow: number,
  ) {
    const server = otherEnd(settings.initiator);
    const sender = settings.direction === 'download' ? server : settings.initiator;
    const file = drawBytes(settings.file, context.sizes.uniform2(flow, 2 ** 41));
    const script: Script = {
      opening: [],
      round: [
        {
          ...turn(sender, { kind: 'constant', bytes: file }, { kind: 'none' }),
          pieceBytes,
          before: (_, speak) => this.connected(speak),
        },
      ],
      roundsMax: 1,
      closes: sender,
      // A server waits for the last acknowledgement before it lets go (SO_LINGER; vsftpd, ftpdataio.c).
      closesBy: 'shutdown',
      closesAtNs: 0,
      answer: null,
      pausesFirst: false,
    };
    const listener: ConversationListener = {
      said: () => this.end(),
      over: () => owner.forget(this),
      broke: () => this.end(),
    };
    this.conversation = new Conversation({ ...context, ...listener }, script, flow);
  }

  /** Opens the data connection; `ready` when it is open, or will not be. */
  connect(ready: () => void): void {
    this.ready = ready;
    this.conversation.open();
  }

  /** The file may be sent from now on. */
  release(speak: () => void): void {
    this.released = true;
    speak();
    this.send?.();
  }

  /** Calls back when the file has arrived, or will not. */
  whenEnded(speak: () => void): void {
    if (this.finished) speak();
    else this.ended = speak;
  }

  private connected(send: () => void): void {
    const { ready } = this;
    this.ready = null;
    if (this.released) send();
    else this.send = send;
    ready?.();
  }

  private end(): void {
    this.finished = true;
    const { ready, ended } = this;
    this.ready = null;
    this.ended = null;
    ready?.();
    ended?.();
  }
}

/** Writes the announcement into the packet that carries the byte of this number, counted from the first of the connection. */
function announcingAt(at: number, announces: DataChannel): LineWriter {
  return (packet) => {
    const identity = { flow: packet.flow, localPort: packet.sourcePort };
    const offset = (packet.sequence - initialSequence(identity) - 1) | 0;
    const carries = offset >= 0 && offset <= at && at < offset + packet.payloadBytes;
    return carries ? changedPacket(packet, { announces }) : packet;
  };
}
