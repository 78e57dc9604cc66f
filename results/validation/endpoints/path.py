"""A path between two network namespaces: this process carries each packet, late or not at all, and sees it leave."""

import ctypes
import fcntl
import heapq
import os
import select
import struct
import subprocess
import time

CLIENT, SERVER = '10.77.0.1', '10.77.0.2'
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
libc = ctypes.CDLL(None, use_errno=True)


def now():
    return time.clock_gettime(time.CLOCK_MONOTONIC)


class Loop:
    """Timed calls and readable files, in one thread."""

    def __init__(self):
        self.heap, self.count, self.epoll, self.readers = [], 0, select.epoll(), {}

    def at(self, when, call):
        self.count += 1
        heapq.heappush(self.heap, (when, self.count, call))

    def watch(self, fd, call):
        self.readers[fd] = call
        self.epoll.register(fd, select.EPOLLIN)

    def unwatch(self, fd):
        if self.readers.pop(fd, None):
            self.epoll.unregister(fd)

    def run(self, is_over):
        while not is_over():
            while self.heap and self.heap[0][0] <= now():
                heapq.heappop(self.heap)[2]()
            wait = min(0.2, self.heap[0][0] - now()) if self.heap else 0.2
            if wait > 0:
                # select, since epoll waits for whole milliseconds.
                select.select([self.epoll.fileno()], [], [], wait)
            for fd, _ in self.epoll.poll(0):
                call = self.readers.get(fd)
                if call:
                    call()


class World:
    """Two namespaces with a tunnel device each, which hands over single segments, and with sysctls of their own."""

    number = 0

    def __init__(self, loop, sysctls, client_sysctls):
        World.number += 1
        self.loop, self.cases, self.tun, self.inside_fd = loop, {}, {}, {}
        self.names = {side: f'tcp{os.getpid()}{side}{World.number}' for side in 'cs'}
        self.outside_fd = os.open('/proc/self/ns/net', os.O_RDONLY)
        for side, mine, other in (('c', CLIENT, SERVER), ('s', SERVER, CLIENT)):
            name = self.names[side]
            shell(f'ip netns add {name}')
            self.inside_fd[side] = os.open(f'/run/netns/{name}', os.O_RDONLY)
            self.tun[side] = self.inside(side, open_tunnel)
            # What one connection learns of the path is not to be known to the next.
            values = {'net.ipv4.tcp_no_metrics_save': 1, **sysctls, **(client_sysctls if side == 'c' else {})}
            settings = ' '.join(f'{key}={value}' for key, value in values.items())
            shell(f'ip netns exec {name} sysctl -qw {settings}')
            shell(f'ip -n {name} link set lo up')
            shell(f'ip -n {name} addr add {mine} peer {other} dev t0')
            shell(f'ip -n {name} link set t0 mtu 1500 txqueuelen 5000 up')
            loop.watch(self.tun[side], lambda side=side: self.read(side))

    def inside(self, side, call):
        assert libc.setns(self.inside_fd[side], 0) == 0
        try:
            return call()
        finally:
            assert libc.setns(self.outside_fd, 0) == 0

    def read(self, side):
        while True:
            try:
                data = os.read(self.tun[side], 65536)
            except BlockingIOError:
                return
            if data[0] >> 4 != 4 or data[9] != 6:
                continue
            source_port, destination_port = struct.unpack_from('>HH', data, 20)
            case = self.cases.get(source_port if side == 'c' else destination_port)
            if case:
                case.packet(side, data, now())

    def close(self):
        for side in 'cs':
            self.loop.unwatch(self.tun[side])
            os.close(self.tun[side])
            shell(f'ip netns del {self.names[side]}')


def open_tunnel():
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH22x', b't0', IFF_TUN | IFF_NO_PI))
    return fd


def shell(command):
    subprocess.run(command, shell=True, check=True)
