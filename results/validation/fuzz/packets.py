"""IP packets as bytes, and back: what the recorder of random sequences sends and sees."""

import socket
import struct

PROTOCOLS = {1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6'}
FLAGS = {'F': 1, 'S': 2, 'R': 4, 'P': 8, 'A': 16, 'U': 32, 'E': 64, 'C': 128}


def address_bytes(address):
    return socket.inet_pton(socket.AF_INET6 if ':' in address else socket.AF_INET, address)


def internet_checksum(data):
    if len(data) & 1:
        data += b'\0'
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def transport(step, quoted, family):
    """Transport header and payload of a step, its protocol number, and where its checksum lies."""
    proto, payload = step['proto'], step.get('text', 'x' * step.get('len', 0)).encode()
    if proto == 'tcp':
        return tcp_segment(step, payload), 6, 16
    if proto == 'udp':
        header = struct.pack('>HHHH', step['sport'], step['dport'], 8 + len(payload), 0)
        return header + payload, 17, 6
    if isinstance(proto, int):
        return payload, proto, None
    number = 58 if family == 6 else 1
    if quoted is None:
        header = struct.pack('>BBHHH', step['type'], step['code'], 0, step.get('id') or 0, step.get('seq', 0))
        return header + payload, number, 2
    if 'inner_sport' in step:
        at = 40 if family == 6 else 20
        quoted = quoted[:at] + struct.pack('>H', step['inner_sport']) + quoted[at + 2:]
    kept = quoted[:step.get('inner_bytes', 48 if family == 6 else 28)]
    return struct.pack('>BBHI', step['type'], step['code'], 0, 0) + kept, number, 2


def tcp_segment(step, payload):
    flags = sum(FLAGS[letter] for letter in step['flags'])
    options = b''
    if step.get('mss'):
        options += struct.pack('>BBH', 2, 4, step['mss'])
    if step.get('sack_perm'):
        options += b'\x04\x02'
    if step.get('wscale') is not None:
        options += bytes([3, 3, step['wscale']])
    if step.get('sack'):
        options += bytes([5, 2 + 8 * len(step['sack'])])
        for left, right in step['sack']:
            options += struct.pack('>II', left & 0xFFFFFFFF, right & 0xFFFFFFFF)
    options += b'\x01' * (-len(options) % 4)
    header = struct.pack(
        '>HHIIBBHHH', step['sport'], step['dport'], step['seq'] & 0xFFFFFFFF, step['ack'] & 0xFFFFFFFF,
        (5 + len(options) // 4) << 4, flags, step['win'], 0, 0)
    return header + options + payload


def ip_packet(step, quoted, family, ident):
    """The whole packet of a step; `ident` is found again in what leaves the firewall."""
    segment, number, offset = transport(step, quoted, family)
    source, destination = step['src'], step['dst']
    if offset is not None:
        segment = checksummed(segment, number, offset, source, destination)
        if step.get('checksum') == 'bad':
            segment = segment[:offset] + bytes([segment[offset] ^ 0x55]) + segment[offset + 1:]
        if step.get('checksum') == 'none':
            segment = segment[:offset] + b'\0\0' + segment[offset + 2:]
    ends = address_bytes(source) + address_bytes(destination)
    if family == 6:
        return struct.pack('>IHBB', 6 << 28 | ident, len(segment), number, 64) + ends + segment
    header = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(segment), ident, 0x4000, 64, number, 0) + ends
    return header[:10] + struct.pack('>H', internet_checksum(header)) + header[12:] + segment


def checksummed(segment, number, offset, source, destination):
    pseudo = b''
    if number != 1:
        ends = address_bytes(source) + address_bytes(destination)
        pseudo = ends + struct.pack('>II', len(segment), number)
    total = internet_checksum(pseudo + segment)
    if number == 17 and total == 0:
        total = 0xFFFF
    return segment[:offset] + struct.pack('>H', total) + segment[offset + 2:]


def fragments(packet, size, ident):
    """The packet cut into fragments of `size` bytes after the IP header; `ident` tells datagrams apart."""
    four = packet[0] >> 4 == 4
    head = 20 if four else 40
    body, pieces = packet[head:], []
    for at in range(0, len(body), size):
        piece, more = body[at:at + size], at + size < len(body)
        if four:
            header = packet[:2] + struct.pack('>HHHBB', 20 + len(piece), struct.unpack('>H', packet[4:6])[0],
                                              at // 8 | (0x2000 if more else 0), 64, packet[9])
            header += struct.pack('>H', internet_checksum(header + b'\0\0' + packet[12:20])) + packet[12:20]
            pieces.append(header + piece)
        else:
            cut = struct.pack('>BBHI', packet[6], 0, at | int(more), ident)
            pieces.append(packet[:4] + struct.pack('>HBB', len(piece) + 8, 44, 64) + packet[8:40] + cut + piece)
    return pieces


def parse(data, quoted=False):
    """Addresses, ports, flags or ICMP fields of a packet, and its identification."""
    offset = more = 0
    if data[0] >> 4 == 4:
        number, payload = data[9], data[(data[0] & 15) * 4:]
        ident = struct.unpack('>H', data[4:6])[0]
        cut = struct.unpack('>H', data[6:8])[0]
        offset, more = cut & 0x1FFF, cut & 0x2000
        source, destination = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
    else:
        word, _, number, _ = struct.unpack('>IHBB', data[:8])
        ident, payload = word & 0xFFFFF, data[40:]
        if number == 44:
            number, cut, payload = payload[0], struct.unpack('>H', payload[2:4])[0], payload[8:]
            offset, more = cut & 0xFFF8, cut & 1
        source = socket.inet_ntop(socket.AF_INET6, data[8:24])
        destination = socket.inet_ntop(socket.AF_INET6, data[24:40])
    view = {'proto': PROTOCOLS.get(number, number), 'src': source, 'dst': destination}
    if offset or more:
        view['frag'] = True
    if offset:
        return view, ident
    if number in (6, 17) and len(payload) >= 4:
        view['sport'], view['dport'] = struct.unpack('>HH', payload[:4])
        if number == 6 and not quoted:
            view['flags'] = ''.join(letter for letter in 'FSRPAU' if payload[13] & FLAGS[letter])
    elif number == (1 if data[0] >> 4 == 4 else 58) and len(payload) >= 2:
        view['type'], view['code'] = payload[0], payload[1]
        if is_error(view):
            if not quoted:
                view['inner'] = parse(payload[8:], True)[0]
        elif len(payload) >= 8:
            view['id'] = struct.unpack('>H', payload[4:6])[0]
    return view, ident


def is_error(view):
    if view['proto'] == 'icmpv6':
        return view['type'] < 128
    return view['type'] in (3, 4, 5, 11, 12)
