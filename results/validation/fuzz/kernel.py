"""The kernel's interfaces that the recorder needs: namespaces, libnftables, ctnetlink."""

import ctypes
import os
import socket
import struct
import subprocess

from packets import PROTOCOLS

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
ROOT_NAMESPACE = os.open('/proc/self/ns/net', os.O_RDONLY)


def enter_namespace(name):
    """Enters a network namespace; None is the one of the start."""
    fd = ROOT_NAMESPACE if name is None else os.open('/run/netns/' + name, os.O_RDONLY)
    failed = LIBC.setns(fd, CLONE_NEWNET)
    if name is not None:
        os.close(fd)
    if failed:
        raise OSError(ctypes.get_errno(), 'setns')


def shell(arguments, text=None, check=True):
    done = subprocess.run(arguments, capture_output=True, text=True, input=text, check=False)
    if check and done.returncode:
        raise RuntimeError(f'{arguments}: {done.stderr}')
    return done


def write(path, value):
    with open(path, 'w') as file:
        file.write(str(value))


class Nftables:
    def __init__(self):
        self.library = ctypes.CDLL('libnftables.so.1')
        self.library.nft_ctx_new.restype = ctypes.c_void_p
        self.library.nft_ctx_get_output_buffer.restype = ctypes.c_char_p
        self.library.nft_ctx_get_error_buffer.restype = ctypes.c_char_p
        self.context = ctypes.c_void_p(self.library.nft_ctx_new(0))
        self.library.nft_ctx_buffer_output(self.context)
        self.library.nft_ctx_buffer_error(self.context)
        self.library.nft_ctx_output_set_flags(self.context, 1 << 4)  # as JSON

    def run(self, text):
        failed = self.library.nft_run_cmd_from_buffer(self.context, text.encode())
        output = self.library.nft_ctx_get_output_buffer(self.context)
        error = self.library.nft_ctx_get_error_buffer(self.context)
        if failed:
            raise RuntimeError('nft: ' + (error or b'').decode() + text)
        return (output or b'').decode()


# ctnetlink: linux/netfilter/nfnetlink_conntrack.h
NEW, GET, DELETE = 0, 1, 2
TUPLE_ORIG, TUPLE_REPLY, STATUS_WORD, PROTOINFO, NAT_SRC, TIMEOUT, MARK = 1, 2, 3, 4, 6, 7, 8
NAT_DST, ZONE = 13, 18
TCP_STATES = ['NONE', 'SYN_SENT', 'SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT',
              'CLOSE', 'SYN_SENT2']
STATUS = {0: 'EXPECTED', 1: 'SEEN_REPLY', 2: 'ASSURED', 3: 'CONFIRMED', 4: 'SRC_NAT', 5: 'DST_NAT',
          7: 'SRC_NAT_DONE', 8: 'DST_NAT_DONE', 9: 'DYING', 10: 'FIXED_TIMEOUT'}
TCP_FLAGS = {1: 'WINDOW_SCALE', 2: 'SACK_PERM', 4: 'CLOSE_INIT', 8: 'BE_LIBERAL', 16: 'DATA_UNACKNOWLEDGED',
             32: 'MAXACK_SET', 64: 'CHALLENGE_ACK', 128: 'SIMULTANEOUS_OPEN'}


def attributes(data):
    found, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from('=HH', data, at)
        if length < 4:
            break
        found[kind & 0x3FFF] = data[at + 4:at + length]
        at += (length + 3) & ~3
    return found


def attribute(kind, payload, nested=False):
    length = 4 + len(payload)
    return struct.pack('=HH', length, kind | (0x8000 if nested else 0)) + payload + b'\0' * (-length % 4)


def read_tuple(data):
    parts = attributes(data)
    ends, ports = attributes(parts[1]), attributes(parts[2])
    number = ports[1][0]
    view = {'proto': PROTOCOLS.get(number, number)}
    if 1 in ends:
        view.update(src=socket.inet_ntoa(ends[1]), dst=socket.inet_ntoa(ends[2]))
    else:
        view.update(src=socket.inet_ntop(socket.AF_INET6, ends[3]), dst=socket.inet_ntop(socket.AF_INET6, ends[4]))
    if number in (1, 58):
        first = 4 if number == 1 else 7
        ident = struct.unpack('>H', ports[first])[0]
        view.update(id=ident, type=ports[first + 1][0], code=ports[first + 2][0])
    elif 2 in ports:
        view.update(sport=struct.unpack('>H', ports[2])[0], dport=struct.unpack('>H', ports[3])[0])
    return view


def read_entry(message):
    parts = attributes(message[20:])
    status = struct.unpack('>I', parts[STATUS_WORD])[0]
    entry = {'orig': read_tuple(parts[TUPLE_ORIG]), 'reply': read_tuple(parts[TUPLE_REPLY]),
             'status': [name for bit, name in STATUS.items() if status >> bit & 1],
             'timeout': struct.unpack('>I', parts[TIMEOUT])[0] if TIMEOUT in parts else None}
    if any(parts.get(MARK, b'')):
        entry['mark'] = struct.unpack('>I', parts[MARK])[0]
    if ZONE in parts:
        entry['zone'] = struct.unpack('>H', parts[ZONE])[0]
    for kind, name in ((TUPLE_ORIG, 'zone_orig'), (TUPLE_REPLY, 'zone_reply')):
        zone = attributes(parts[kind]).get(3)
        if zone:
            entry[name] = struct.unpack('>H', zone)[0]
    tcp = attributes(attributes(parts.get(PROTOINFO, b'')).get(1, b''))
    if 1 in tcp:
        entry['state'] = TCP_STATES[tcp[1][0]]
        entry['wscale'] = [tcp[2][0], tcp[3][0]]
        entry['tcp_flags'] = [[name for bit, name in TCP_FLAGS.items() if tcp[way][0] & bit] for way in (4, 5)]
    return entry


class Conntrack:
    """A ctnetlink socket of the namespace in which it is made."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.socket.bind((0, 0))
        self.socket.settimeout(5)
        self.sequence = 1

    def message(self, kind, flags, body, family):
        self.sequence += 1
        payload = struct.pack('=BBH', family, 0, 0) + body
        return struct.pack('=IHHII', 16 + len(payload), 1 << 8 | kind, flags, self.sequence, 0) + payload

    def dump(self):
        self.socket.send(self.message(GET, 0x301, b'', 0))
        messages = []
        while True:
            data, at = self.socket.recv(1 << 17), 0
            while at < len(data):
                length, kind = struct.unpack_from('=IH', data, at)
                if kind == 3:
                    return messages
                if kind == 2:
                    raise OSError(-struct.unpack_from('=i', data, at + 16)[0], 'ctnetlink')
                messages.append(data[at:at + length])
                at += (length + 3) & ~3

    def request(self, kind, flags, body, family=2):
        """Error number of the kernel, 0 when it went well."""
        self.socket.send(self.message(kind, flags, body, family))
        return -struct.unpack_from('=i', self.socket.recv(65536), 16)[0]

    def flush(self):
        return self.request(DELETE, 0x5, b'', 0)

    def delete(self, message):
        """By its tuple, and no zone, which means zone 0."""
        original = attribute(TUPLE_ORIG, attributes(message[20:])[TUPLE_ORIG], True)
        return self.request(DELETE, 0x5, original, message[16])

    def load(self, message, mode):
        return self.request(NEW, 0x605, load_body(message, mode), message[16])


# These modes clear EXPECTED, so that the kernel looks for the master: masters have to come first.
RESTORING_FLAGS = ('flags', 'liberal', 'nat', 'natattr', 'liberalnat')


def has_master(message):
    return 14 in attributes(message[20:])


def load_body(message, mode):
    """What a tool of the given mode would send to create the dumped entry again; docs of the modes: load-mode.ts."""
    parts, out = attributes(message[20:]), b''
    plain = mode in ('save', 'noflags')
    restore_flags = mode in RESTORING_FLAGS
    inverse = mode in ('nat', 'liberalnat') and translations(message)
    for kind in (1, 2, 3, 7, 8, 18) if plain else (1, 2, 3, 5, 7, 8, 14, 18, 22):
        if kind not in parts:
            continue
        value = parts[kind]
        if kind == STATUS_WORD and restore_flags:
            value = struct.pack('>I', struct.unpack('>I', value)[0] & ~1)  # EXPECTED is refused with EBUSY
        if kind == TUPLE_REPLY and inverse:
            value = inverse_tuple(parts)
        out += attribute(kind, value, nested=kind in (1, 2, 5, 14))
    if PROTOINFO in parts:
        out += attribute(PROTOINFO, attribute(1, tcp_body(parts, mode), True), True)
    return out + (translations(message) if mode in ('nat', 'natattr', 'liberalnat') else b'')


def tcp_body(parts, mode):
    tcp = attributes(attributes(parts[PROTOINFO]).get(1, b''))
    if mode == 'noflags':
        return attribute(1, tcp[1])
    if mode == 'save':
        return attribute(1, tcp[1]) + attribute(4, b'\x0a\x0a') + attribute(5, b'\x0a\x0a')
    body = b''
    for kind, value in tcp.items():
        if kind in (4, 5) and mode != 'naive':
            value = bytes([value[0] | (8 if mode.startswith('liberal') else 0), 0xFF])
        body += attribute(kind, value)
    return body


def inverse_tuple(parts):
    """The original tuple turned round: the reply tuple before any translation."""
    original = attributes(parts[TUPLE_ORIG])
    ends, ports = attributes(original[1]), attributes(original[2])
    first, second = (1, 2) if 1 in ends else (3, 4)
    turned = attribute(1, attribute(first, ends[second]) + attribute(second, ends[first]), True)
    reply_ports = attributes(attributes(parts[TUPLE_REPLY])[2])
    body = attribute(1, ports[1])
    if 2 in ports:
        body += attribute(2, ports[3]) + attribute(3, ports[2])
    for kind in (4, 5, 6, 7, 8, 9):
        if kind in ports:
            body += attribute(kind, ports[kind] if kind in (4, 7) else reply_ports[kind])
    zone = attributes(parts[TUPLE_REPLY]).get(3)
    return turned + attribute(2, body, True) + (attribute(3, zone) if zone else b'')


def translations(message):
    """CTA_NAT_SRC and CTA_NAT_DST, worked out from the two tuples."""
    parts = attributes(message[20:])
    original, reply = read_tuple(parts[TUPLE_ORIG]), read_tuple(parts[TUPLE_REPLY])
    icmp = original['proto'] in ('icmp', 'icmpv6')
    first, second = ('id', 'id') if icmp else ('sport', 'dport')
    out = b''
    if original['src'] != reply['dst'] or original.get(first) != reply.get(second):
        out += translation(NAT_SRC, reply['dst'], reply.get(second))
    if original['dst'] != reply['src'] or (not icmp and original.get('dport') != reply.get('sport')):
        out += translation(NAT_DST, reply['src'], None if icmp else reply.get('sport'))
    return out


def translation(kind, address, port):
    if ':' in address:
        packed = socket.inet_pton(socket.AF_INET6, address)
        body = attribute(4, packed) + attribute(5, packed)
    else:
        body = attribute(1, socket.inet_aton(address)) + attribute(2, socket.inet_aton(address))
    if port is not None:
        number = struct.pack('>H', port)
        body += attribute(3, attribute(1, number) + attribute(2, number), True)
    return attribute(kind, body, True)
