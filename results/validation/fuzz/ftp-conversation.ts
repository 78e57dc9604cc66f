import type { Draws } from './draws.ts';
import { TcpConversation, type Shot } from './tcp-conversation.ts';

/**
 * A control connection of FTP whose ends announce data channels, and the data channels: announced or not, by the
 * right end or for somebody else, in lines that come in their order, again, or after one that was lost.
 */
export class FtpConversation {
  private readonly draws: Draws;
  private readonly client: string;
  private readonly server: string;
  private readonly sport: number;
  /** Next sequence numbers of the client and the server. */
  private readonly next: [number, number];
  private readonly sent: Shot[] = [];
  private readonly channels: TcpConversation[] = [];
  private opening = 0;

  constructor(draws: Draws, client: string, server: string, flow: number) {
    this.draws = draws;
    this.client = client;
    this.server = server;
    this.sport = 42_000 + flow;
    this.next = [draws.whole(1, 2 ** 32 - 1), draws.whole(1, 2 ** 32 - 1)];
  }

  /** The next packets, none if they are lost. */
  shots(): Shot[] {
    const draws = this.draws;
    if (this.opening < 3) return [this.handshake()];
    if (this.channels.length > 0 && draws.happens(0.4)) return draws.one(this.channels).shots();
    if (this.sent.length > 0 && draws.happens(0.08)) return [draws.one(this.sent)];
    const line = draws.happens(0.5) ? this.announcement() : this.line(draws.whole(0, 1), draws.one(talk));
    if (draws.happens(0.06)) return [];
    this.sent.push(line);
    return [line, this.segment(line.dir === 'c2s' ? 1 : 0, 'A')];
  }

  private handshake(): Shot {
    const number = this.opening++;
    const end = number === 1 ? 1 : 0;
    const shot = this.segment(end, ['S', 'SA', 'A'][number]!);
    if (number < 2) this.next[end]++;
    return shot;
  }

  /** PORT or EPRT by the client, 227 or 229 by the server; the channel is opened sooner or later. */
  private announcement(): Shot {
    const draws = this.draws;
    const passive = draws.happens(0.5);
    const [own, other] = passive ? [this.server, this.client] : [this.client, this.server];
    const port = draws.one([7001, 7002, 50_000]);
    const address = draws.happens(0.85)
      ? own
      : draws.one([other, own.includes(':') ? 'fd00:9::9' : '10.0.9.9']);
    const said = draws.happens(0.93) ? port : port + 1;
    const ports = passive ? { sport: 43_000 + draws.whole(0, 1), dport: said } : { sport: 20, dport: said };
    const opener = passive ? this.client : this.server;
    const there = { ...ports, src: opener, dst: own, flow: 50 };
    const back = { sport: ports.dport, dport: ports.sport, src: own, dst: opener, flow: 50 };
    this.channels.push(new TcpConversation(draws, there, back, passive ? 'c2s' : 's2c'));
    const extended = own.includes(':') || draws.happens(0.2);
    const text = extended ? extendedLine(passive, address, port) : plainLine(passive, address, port);
    return this.line(passive ? 1 : 0, text);
  }

  private line(end: number, text: string): Shot {
    const shot = { ...this.segment(end, 'PA'), text, len: text.length };
    this.next[end]! += text.length;
    return shot;
  }

  private segment(end: number, flags: string): Shot {
    const client = end === 0;
    return {
      proto: 'tcp',
      dir: client ? 'c2s' : 's2c',
      src: client ? this.client : this.server,
      dst: client ? this.server : this.client,
      sport: client ? this.sport : 21,
      dport: client ? 21 : this.sport,
      flags,
      seq: this.next[end]!,
      ack: flags.includes('A') ? this.next[1 - end]! : 0,
      win: 60_000,
      len: 0,
    };
  }
}

/** RFC 959, 4.1.2. */
function plainLine(passive: boolean, address: string, port: number): string {
  const place = `${address.replaceAll('.', ',')},${port >> 8},${port & 255}`;
  return passive ? `227 Entering Passive Mode (${place}).\r\n` : `PORT ${place}\r\n`;
}

/** RFC 2428: the answer to EPSV names no address. */
function extendedLine(passive: boolean, address: string, port: number): string {
  if (passive) return `229 Entering Extended Passive Mode (|||${port}|)\r\n`;
  return `EPRT |${address.includes(':') ? 2 : 1}|${address}|${port}|\r\n`;
}

/** Nothing that begins as an announcement and does not end as one: such a packet the helper drops. */
const talk = ['USER me\r\n', '200 OK\r\n', 'PASV\r\n', '230 welcome\r\n'] as const;
