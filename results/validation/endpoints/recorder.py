#!/usr/bin/python3
"""Records what two TCP ends of this machine's kernel send while packets between them are lost or late.

usage: recorder.py OUT.json [closing_cases | lossy_cases]    (root; iproute2, /dev/net/tun; about four minutes)
Plays the cases of cases.py, or of the module named, three times each, all beside one another, and writes what took
sequence space as [ms, side, flags, relative number, payload bytes, relative acknowledgement, dropped]: that of c from the
client, of s from the server, when it left. `drop` counts the packets of a side from 0 ms on, `cuts` and `holds` are in
ms: what leaves between the two is lost, or goes on when the time is over. With `options` those of SYNs are written too,
last. With `rateMbps` packets wait for those before them; `clocksMs` is what the clock behind the kernel's ticks said at
0 ms of each repetition, modulo the 512 ticks of the timer wheel's second level.
"""

import gc
import importlib
import json
import os
import random
import re
import socket
import struct
import sys

from path import CLIENT, SERVER, Loop, World, now

TCP_INFO, TCP_CONGESTION, TCP_USER_TIMEOUT, TCP_REPAIR = 11, 13, 18, 19
SYN_SENT = 2
REPETITIONS = 3


class Case:
    def __init__(self, spec, loop, world, port, start):
        self.spec, self.loop, self.world, self.port = spec, loop, world, port
        self.trace, self.first, self.counts, self.sockets = [], {}, {'c': 0, 's': 0}, {}
        self.received, self.unsent, self.finished = 0, {'c': 0, 's': 0}, False
        self.before_zero, self.free = None, {'c': 0.0, 's': 0.0}
        self.zero = start + spec['leadMs'] / 1000 + 0.1
        world.cases[port] = self
        loop.at(start, self.listen)
        if spec['leadMs']:
            loop.at(start + 0.05, self.connect)
        for at, side, *action in spec['script']:
            loop.at(self.zero + at / 1000, lambda side=side, action=action: self.act(side, *action))
        loop.at(self.zero + spec['runMs'] / 1000, self.finish)

    def packet(self, side, data, moment):
        ip_bytes = (data[0] & 15) * 4
        _, _, sequence, acknowledgement, offset, flags = struct.unpack_from('>HHIIBB', data, ip_bytes)
        payload = struct.unpack_from('>H', data, 2)[0] - ip_bytes - (offset >> 4) * 4
        if flags & 2 or side not in self.first:
            self.first[side] = sequence
        other = 's' if side == 'c' else 'c'
        ms = (moment - self.zero) * 1000
        if ms >= 0:
            self.counts[side] += 1
        dropped = self.drops(side, ms)
        number = (sequence - self.first[side]) & 0xFFFFFFFF
        if ms > -1 and (payload or flags & 7):
            letters = ''.join(letter for bit, letter in ((2, 'S'), (1, 'F'), (4, 'R'), (8, 'P'), (16, 'A')) if flags & bit)
            acknowledged = (acknowledgement - self.first.get(other, acknowledgement)) & 0xFFFFFFFF if flags & 16 else 0
            options = [options_text(data[ip_bytes + 20 : ip_bytes + (offset >> 4) * 4])] if flags & 2 and self.spec.get('options') else []
            self.trace.append([round(ms, 1), side, letters, number, payload, acknowledged, int(dropped)] + options)
        if dropped:
            return
        if 'rateMbps' in self.spec:
            moment = max(moment, self.free[side]) + (len(data) + 38) * 8e-6 / self.spec['rateMbps']
            self.free[side] = moment
        leaves = max([moment] + [self.zero + end / 1000 for who, start, end in self.spec.get('holds', []) if side in who and start <= ms < end])
        self.loop.at(leaves + self.spec['rttMs'] / 2000, lambda: os.write(self.world.tun[other], data))

    def drops(self, side, ms):
        if any(side in who and start <= ms < end for who, start, end in self.spec.get('cuts', [])):
            return True
        return ms >= 0 and [side, self.counts[side]] in self.spec.get('drop', [])

    def socket(self, address):
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2000000)
        sock.setsockopt(socket.IPPROTO_TCP, TCP_CONGESTION, b'cubic')
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if 'userTimeoutMs' in self.spec:
            sock.setsockopt(socket.IPPROTO_TCP, TCP_USER_TIMEOUT, self.spec['userTimeoutMs'])
        if 'keepAlive' in self.spec:
            idle, interval, count = self.spec['keepAlive']
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, idle)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, interval)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, count)
        # The client's port is the server's: it names the case at both ends.
        sock.bind((address, self.port))
        return sock

    def listen(self):
        self.listener = self.world.inside('s', lambda: self.socket(SERVER))
        self.listener.listen(16)
        self.loop.watch(self.listener.fileno(), self.accept)

    def accept(self):
        try:
            sock, _ = self.listener.accept()
        except BlockingIOError:
            return
        sock.setblocking(False)
        self.own('s', sock)

    def connect(self):
        sock = self.world.inside('c', lambda: self.socket(CLIENT))
        sock.connect_ex((SERVER, self.port))
        self.own('c', sock)

    def own(self, side, sock):
        self.sockets[side] = sock
        self.loop.watch(sock.fileno(), lambda: self.ready(side))

    def disown(self, side):
        sock = self.sockets.pop(side)
        self.loop.unwatch(sock.fileno())
        return sock

    def ready(self, side):
        while side in self.sockets:
            sock = self.sockets[side]
            try:
                data = sock.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                self.loop.unwatch(sock.fileno())
                return
            if data:
                if side == 's':
                    self.answer(len(data))
                continue
            self.loop.unwatch(sock.fileno())
            if side in self.spec.get('closesAtEof', ''):
                self.act(side, 'close')
            return

    def answer(self, size):
        """Answers each so many bytes, counted anew from 0 ms on."""
        rule = self.spec['answer']
        if now() >= self.zero - 0.001 and self.before_zero is None:
            self.before_zero = self.received
        base = self.before_zero or 0
        per, answer = rule if self.before_zero is None else self.spec['answerFromZero']
        before = self.received - base
        self.received += size
        for _ in range((self.received - base) // per - before // per):
            self.act('s', 'send', answer)

    def act(self, side, what, argument=0):
        if what == 'connect':
            self.connect()
            return
        sock = self.sockets.get(side)
        if sock is None:
            return
        if what == 'send' and sock.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 1)[0] == SYN_SENT:
            self.loop.at(now() + 0.0002, lambda: self.act(side, what, argument))
            return
        try:
            if what == 'send':
                self.unsent[side] += argument
                self.flush(side)
            elif what == 'shutdown':
                sock.shutdown(socket.SHUT_WR)
            elif what == 'close':
                self.disown(side).close()
            elif what == 'abort':
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                self.disown(side).close()
            elif what == 'vanish':
                sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
                self.disown(side).close()
            else:
                raise SystemExit(f'no action: {what}')
        except OSError:
            pass

    def flush(self, side):
        while self.unsent[side]:
            try:
                self.unsent[side] -= self.sockets[side].send(bytes(self.unsent[side]))
            except BlockingIOError:
                self.loop.at(now() + 0.002, lambda: self.act(side, 'send', 0))
                return

    def finish(self):
        self.finished = True
        del self.world.cases[self.port]
        self.loop.unwatch(self.listener.fileno())
        self.listener.close()
        for side in list(self.sockets):
            self.act(side, 'abort')


def options_text(data):
    """Kinds of a SYN's options in ascending order, the window's shift beside its kind."""
    found = []
    while data and data[0]:
        length = 1 if data[0] == 1 else data[1]
        if data[0] != 1:
            found.append(f'3:{data[2]}' if data[0] == 3 else str(data[0]))
        data = data[length:]
    return ' '.join(sorted(found))


def tick_offset():
    """By how many ticks of 4 ms the kernel's count is ahead of its clock."""
    with open('/proc/timer_list') as file:
        text = file.read()
    ticks = int(re.search(r'^jiffies: (\d+)', text, re.M).group(1))
    return ticks - int(re.search(r'now at (\d+)', text).group(1)) // 4000000


def main(out, module='cases'):
    offset = max(tick_offset() for _ in range(20))
    specs = importlib.import_module(module).all_cases()
    loop, worlds, cases = Loop(), {}, []
    gc.disable()
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    for spec in specs:
        key = world_of(spec)
        worlds[key] = worlds.get(key) or World(loop, spec.get('sysctls', {}), spec.get('clientSysctls', {}))
    draws = random.Random(7)
    begin, spread = now() + 1, len(specs) * REPETITIONS * (0.1 if module == 'lossy_cases' else 0.03)
    for spec in specs * REPETITIONS:
        world = worlds[world_of(spec)]
        cases.append(Case(spec, loop, world, 10000 + len(cases), begin + draws.uniform(0, spread)))
    loop.run(lambda: all(case.finished for case in cases))
    recorded = []
    for index, spec in enumerate(specs):
        mine = cases[index :: len(specs)]
        recorded.append({'spec': spec, 'runs': [case.trace for case in mine]})
        if 'rateMbps' in spec:
            recorded[-1]['clocksMs'] = [round((case.zero * 1000 + 4 * offset) % 2048 + 2048, 2) for case in mine]
    with open(out, 'w') as file:
        json.dump({'kernel': os.uname().release.split('-')[0], 'cases': recorded}, file, separators=(',', ':'))
    for world in worlds.values():
        world.close()


def world_of(spec):
    return json.dumps([spec.get('sysctls', {}), spec.get('clientSysctls', {})])


main(*sys.argv[1:])
