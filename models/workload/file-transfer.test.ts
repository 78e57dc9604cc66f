import { expect, test } from 'vitest';
import { ms, s } from '../../sim/time.ts';
import { FileTransfer, type FileTransferSettings } from './file-transfer.ts';
import { LinkedEnds } from './linked-ends.fixture.ts';

const settings: FileTransferSettings = {
  ...{ name: 'ftp', initiator: 'peer', port: 21, startNs: 0, stopNs: 5 * s },
  load: { kind: 'closed', users: 1, rampNs: 0, rest: { kind: 'constant', ns: 0 } },
  reconnect: { afterNs: Infinity, unansweredNs: Infinity },
  ...{ mode: 'passive', direction: 'download', filesMax: Infinity },
  file: { kind: 'constant', bytes: 200_000 },
  think: { kind: 'constant', ns: 1 * s },
  dataPorts: { first: 50_000, count: 10 },
};

function transfers(world: LinkedEnds, changes: Partial<FileTransferSettings>): FileTransfer {
  const ftp = new FileTransfer({
    settings: { ...settings, ...changes },
    ...world.parts,
    flows: { first: 0, count: 1 },
    dataFlows: { first: 1, count: 1000 },
  });
  ftp.start();
  return ftp;
}

function announcements(
  world: LinkedEnds,
): { readonly from: number; readonly port: number; readonly of: number }[] {
  return world.packets.flatMap(({ packet }) => {
    const { announces } = packet;
    return announces === null
      ? []
      : [{ from: packet.source.w3, port: announces.port, of: announces.address.w3 }];
  });
}

test('a passive server announces its own port, and the client opens the data connection to it', () => {
  const world = new LinkedEnds();
  transfers(world, {});
  world.simulation.run(3 * s);
  // The peer has address 1, the VM 2.
  expect(announcements(world)[0]).toEqual({ from: 2, port: 50_000, of: 2 });
  expect(world.opened.map(({ flow, initiator }) => [flow, initiator]).slice(0, 2)).toEqual([
    [0, 'peer'],
    [1, 'peer'],
  ]);
  const data = world.messages.filter(({ flow, to }) => flow === 1 && to === 'peer');
  // 200,000 bytes in pieces of 64 KiB.
  expect(data.map(({ bytes }) => bytes)).toEqual([65_536, 65_536, 65_536, 3392]);
});

test('an active client announces its port, and the server opens the data connection', () => {
  const world = new LinkedEnds();
  transfers(world, { mode: 'active', direction: 'upload' });
  world.simulation.run(3 * s);
  expect(announcements(world)[0]).toEqual({ from: 1, port: 50_000, of: 1 });
  expect(world.opened[1]).toMatchObject({ flow: 1, initiator: 'vm' });
  const data = world.messages.filter(({ flow, to }) => flow === 1 && to === 'vm');
  expect(data.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(200_000);
});

test('the last line of a file comes when all of it has arrived, and the next file is asked for after a while', () => {
  const world = new LinkedEnds();
  transfers(world, {});
  world.simulation.run(20 * s);
  const dataEnd = world.messages.filter(({ flow }) => flow === 1).at(-1)!.timeNs;
  const control = world.messages.filter(({ flow }) => flow === 0);
  // Greeting, USER, answer, PASS, answer; then PASV, 227, RETR, 150, 226.
  expect(
    control
      .slice(0, 10)
      .map(({ to }) => to)
      .join(' '),
  ).toBe('peer vm peer vm peer vm peer vm peer peer');
  // The peer has the file 10 ms before the VM could know; the model’s VM says so 10 ms later at once.
  expect((control[9]!.timeNs - dataEnd) / ms).toBe(10);
  expect((control[10]!.timeNs - control[9]!.timeNs) / ms).toBe(1000 + 10);
  // Each file has a connection of its own, and nothing is asked for after 5 s.
  expect(new Set(world.opened.map(({ flow }) => flow)).size).toBe(world.opened.length);
  expect(world.opened.every(({ timeNs }) => timeNs < 6 * s)).toBe(true);
});

test('a data connection that cannot be opened ends its file, and the control connection goes on', () => {
  const world = new LinkedEnds();
  world.loses = (packet) => packet.destinationPort === 50_000;
  transfers(world, { stopNs: 400 * s });
  world.simulation.run(400 * s);
  const control = world.messages.filter(({ flow }) => flow === 0);
  expect(world.ended).toContainEqual(expect.objectContaining({ flow: 1, how: 'timed-out' }));
  // After the opening of five lines, two files or more were asked for.
  expect(control.length).toBeGreaterThan(5 + 5 + 1);
});
