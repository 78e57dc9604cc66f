#!/usr/bin/python3
"""Plays packet sequences through this machine's kernel and records what its firewall did.

usage: recorder.py TAG     (root; nftables, iproute2, conntrack)
Reads one sequence per line on standard input, in the form of results/reference/golden-conntrack.json.gz, and
answers each with one line: the same with `expect` filled in and `t_ms` as it really was. Client, firewall and
server are three network namespaces, made once; TAG keeps those of several recorders apart.
"""

import fcntl
import json
import select
import socket
import sys
import time
import traceback

from kernel import RESTORING_FLAGS, Conntrack, Nftables, enter_namespace, has_master, read_entry, shell, write
from packets import fragments, ip_packet, is_error, parse
from rules import MEASUREMENT, rules_text

FIREWALL_MAC = {'c': '02:00:00:00:01:01', 's': '02:00:00:00:02:01'}
HOST_MAC = {'c': '02:00:00:00:01:02', 's': '02:00:00:00:02:02'}
COUNTED = {'cnew': 'NEW', 'cest': 'ESTABLISHED', 'crel': 'RELATED', 'cinv': 'INVALID', 'cunt': 'UNTRACKED'}
NETFILTER = '/proc/sys/net/netfilter/'
TIMEOUTS = {5, 10, 30, 60, 120, 300, 600, 432000}
INVERSE_ICMP = {8: 0, 0: 8, 13: 14, 14: 13, 15: 16, 16: 15, 17: 18, 18: 17, 128: 129, 129: 128, 139: 140, 140: 139}


def timed_settings():
    tcp = ('syn_sent', 'syn_recv', 'established', 'fin_wait', 'close_wait', 'last_ack', 'time_wait', 'close',
           'max_retrans', 'unacknowledged')
    other = ('udp_timeout', 'udp_timeout_stream', 'icmp_timeout', 'icmpv6_timeout', 'generic_timeout')
    switches = ('tcp_loose', 'tcp_be_liberal', 'tcp_ignore_invalid_rst', 'tcp_max_retrans', 'checksum')
    return [f'tcp_timeout_{name}' for name in tcp] + [*other, *switches]


class World:
    """The three namespaces, their wires and the firewall's tables."""

    def __init__(self, tag):
        self.names = {side: f'nsehfuzz{tag}{side}' for side in 'cfs'}
        self.remove()
        shell(['ip', '-batch', '-'], ''.join(f'netns add {name}\n' for name in self.names.values()))
        for side in 'cs':
            enter_namespace(self.names[side])
            for scope in ('all', 'default'):
                write(f'/proc/sys/net/ipv6/conf/{scope}/disable_ipv6', 1)
        enter_namespace(self.names['f'])
        self.route()
        self.wires = {}
        for side in 'cs':
            enter_namespace(self.names[side])
            shell(['ip', 'link', 'set', 'p0', 'up'])
            wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            wire.bind(('p0', 0))
            wire.setblocking(False)
            self.wires[side] = wire
        enter_namespace(self.names['f'])
        self.nft, self.conntrack = Nftables(), Conntrack()
        self.nft.run(MEASUREMENT)
        self.defaults = {name: self.setting(name) for name in timed_settings()}
        self.changed, self.rules_loaded, self.ident, self.cuts = set(), False, 100, 0
        self.readdressed = False

    def route(self):
        """Forwarding, addresses and fixed neighbours; nothing that the stack would send by itself."""
        write('/proc/sys/net/ipv4/ip_forward', 1)
        write('/proc/sys/net/ipv6/conf/all/forwarding', 1)
        for name, value in (('accept_dad', 0), ('accept_ra', 0), ('addr_gen_mode', 1)):
            write(f'/proc/sys/net/ipv6/conf/default/{name}', value)
        batch = 'link set lo up\n'
        for side, subnet in (('c', 1), ('s', 2)):
            batch += f'link add {side}0 mtu 9000 address {FIREWALL_MAC[side]} type veth peer name p0 mtu 9000 '
            batch += f'address {HOST_MAC[side]} netns {self.names[side]}\nlink set {side}0 up\n'
        shell(['ip', '-batch', '-'], batch)
        self.address()
        for scope in ('all', 'default', 'c0', 's0'):
            write(f'/proc/sys/net/ipv4/conf/{scope}/rp_filter', 0)
            write(f'/proc/sys/net/ipv4/conf/{scope}/send_redirects', 0)
        write('/proc/sys/net/ipv4/icmp_ratelimit', 0)
        write('/proc/sys/net/ipv6/icmp/ratelimit', 0)

    def address(self):
        batch = ''
        for side, subnet in (('c', 1), ('s', 2)):
            batch += f'addr replace 10.0.{subnet}.1/24 dev {side}0\n'
            batch += f'addr replace fd00:{subnet}::1/64 dev {side}0 nodad\n'
        shell(['ip', '-batch', '-'], batch)
        self.know_neighbours()

    def know_neighbours(self):
        """An interface that loses its last address forgets them."""
        batch = ''
        for side, subnet in (('c', 1), ('s', 2)):
            for last in (2, 3, 50, 51, 52, 53, 99):
                for address in (f'10.0.{subnet}.{last}', f'fd00:{subnet}::{last}'):
                    batch += f'neigh replace {address} lladdr {HOST_MAC[side]} dev {side}0 nud permanent\n'
        shell(['ip', '-batch', '-'], batch)

    def readdress(self, command):
        self.readdressed = True
        shell(['ip', *command.split()])
        self.know_neighbours()
        time.sleep(0.03)  # The kernel removes masqueraded entries in a work item.

    def remove(self):
        enter_namespace(None)
        shell(['ip', '-force', '-batch', '-'], ''.join(f'netns del {n}\n' for n in self.names.values()), False)

    def setting(self, name):
        with open(f'{NETFILTER}nf_conntrack_{name}') as file:
            return file.read().strip()

    def set(self, name, value):
        if name == 'nf_conntrack_max':
            enter_namespace(None)
            write(NETFILTER + name, value)
            enter_namespace(self.names['f'])
        else:
            write(f'{NETFILTER}nf_conntrack_{name}', value)
            self.changed.add(name)

    def begin(self, sequence):
        """As fresh as a new namespace: default settings, no entries, the rules of the sequence."""
        for name in self.changed:
            write(f'{NETFILTER}nf_conntrack_{name}', self.defaults[name])
        self.changed = set()
        if self.readdressed:
            self.address()
            self.readdressed = False
        self.set_rules(sequence['rules'], sequence['family'])
        self.conntrack.flush()
        for name, value in sequence['sysctls'].items():
            self.set(name, value)
        time.sleep(0.01)
        self.drain()
        self.last = self.counters()

    def set_rules(self, rules, family):
        gone = 'delete table ip fw\ndelete table ip6 fw\n' if self.rules_loaded else ''
        other = 'ip6' if family == 'ip' else 'ip'
        self.nft.run(gone + rules_text(rules, family) + f'table {other} fw {{ }}\n')
        self.rules_loaded = True

    def counters(self):
        listed = json.loads(self.nft.run('list counters table inet meas'))
        return {x['counter']['name']: x['counter']['packets'] for x in listed['nftables'] if 'counter' in x}

    def send(self, side, packet):
        ends = bytes.fromhex((FIREWALL_MAC[side] + HOST_MAC[side]).replace(':', ''))
        self.wires[side].send(ends + (b'\x86\xdd' if packet[0] >> 4 == 6 else b'\x08\x00') + packet)

    def drain(self):
        for wire in self.wires.values():
            while receive(wire) is not None:
                pass

    def seen(self, ident):
        """Frames that left the firewall: those of `ident`, and those that it made itself."""
        ours, others = [], []
        for side, wire in self.wires.items():
            while (frame := receive(wire)) is not None:
                data, address = frame
                if address[2] == socket.PACKET_OUTGOING or data[12:14] not in (b'\x86\xdd', b'\x08\x00'):
                    continue
                view, number = parse(data[14:])
                if number == ident:
                    ours.append((side, view, data[14:]))
                elif not view['dst'].startswith('ff02:') and not is_of_routing(view):
                    others.append({'side': side, **view})
        return ours, others

    def judge(self, side, pieces, ident):
        """Sends a packet, in pieces; what left the firewall, and which counters moved."""
        for piece in pieces:
            self.send(side, piece)
        ours, others = self.seen(ident)
        for wait in (0.002, 0.003, 0.005, 0.01, 0.02, 0.04):
            if not ours:
                select.select(list(self.wires.values()), [], [], wait)
            counters = self.counters()
            moved = [name for name in counters if counters[name] != self.last[name]]
            if moved:
                break
        self.last = counters
        for _ in range(2 if ours or others else 4):
            more = self.seen(ident)
            ours, others = ours + more[0], others + more[1]
            if ours:
                break
            time.sleep(0.001)
        return ours, others, moved


def is_of_routing(view):
    """Errors that the firewall's stack sends by itself: no way there, and, a minute late, fragments that never came."""
    errors = (('icmp', 3, 0), ('icmpv6', 1, 0), ('icmp', 11, 1), ('icmpv6', 3, 1))
    return view['src'].endswith(('.1', '::1')) and (view['proto'], view.get('type'), view.get('code')) in errors


def receive(wire):
    try:
        return wire.recvfrom(65536)
    except BlockingIOError:
        return None


class Recording:
    """One sequence, played step by step."""

    def __init__(self, world, sequence):
        self.world, self.sequence = world, sequence
        self.family = 4 if sequence['family'] == 'ip' else 6
        self.nat = sequence['category'].startswith('nat') or sequence['category'] == 'v6-nat'
        self.nominal = TIMEOUTS | {v for k, v in sequence['sysctls'].items() if 'timeout' in k}
        self.rules = sequence['rules']
        self.sent, self.left, self.tuples, self.saved, self.cut, self.parts = {}, {}, {}, None, {}, {}

    def play(self):
        world, expect, steps = self.world, [], []
        world.begin(self.sequence)
        start, late = time.monotonic() + 0.005, 0.0
        for index, step in enumerate(self.sequence['packets']):
            due = start + late + step['t_ms'] / 1000
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            else:
                late -= wait
            world.drain()
            now_ms = round((time.monotonic() - start) * 1000)
            steps.append({**step, 't_ms': now_ms})
            expect.append(self.operate(step) if 'op' in step else self.packet(index, step))
        return {**self.sequence, 'packets': steps, 'expect': expect}

    def operate(self, step):
        world, conntrack, op, result = self.world, self.world.conntrack, step['op'], {}
        if op == 'sysctl':
            for name, value in step['set'].items():
                world.set(name, value)
                self.nominal |= {value} if 'timeout' in name else set()
        elif op == 'flush':
            result['errno'] = conntrack.flush()
        elif op == 'delete':
            for message in conntrack.dump():
                conntrack.delete(message)
        elif op == 'rules':
            self.rules = step['rules']
            world.set_rules(self.rules, self.sequence['family'])
        elif op == 'ip':
            world.readdress(step['cmd'])
        elif op == 'reload':
            result = self.reload(step['mode'])
        entries = [read_entry(message) for message in conntrack.dump()]
        world.last = world.counters()
        return {**result, 'verdict': None, **self.table(entries, 0)}

    def reload(self, mode):
        conntrack = self.world.conntrack
        if mode == 'save':
            family = [] if self.family == 4 else ['-f', 'ipv6']
            text = shell(['conntrack', '-L', '-o', 'save', *family]).stdout
            conntrack.flush()
            code = shell(['conntrack', '--load-file', '-'], text, False).returncode
            return {'cli_rc': code, 'saved_text': text.strip().split('\n')[:4]}
        messages = sorted(conntrack.dump(), key=has_master) if mode in RESTORING_FLAGS else conntrack.dump()
        conntrack.flush()
        return {'errno': [conntrack.load(message, mode) for message in messages]}

    def packet(self, index, step):
        world, side = self.world, 'c' if step['dir'] == 'c2s' else 's'
        step, quoted = self.complete(index, step, side)
        world.ident += 1
        if world.ident > 60000:
            world.ident = 101
        ident, cut = self.datagram(step)
        packet = ip_packet(step, quoted, self.family, ident)
        self.sent[index] = packet
        fields = ('proto', 'src', 'dst', 'sport', 'dport', 'id', 'type')
        sent = {name: step[name] for name in fields if step.get(name) is not None}
        inner = None
        if quoted is not None:
            inner = parse(quoted, True)[0]
            if 'inner_sport' in step:
                inner = {**inner, 'sport': step['inner_sport']}
            sent = {name: step[name] for name in ('proto', 'src', 'dst', 'type')} | {'inner': inner}
        self.tuples[index] = sent
        ours, others, moved = world.judge(side, pieces_of(packet, step, cut), ident)
        local = 'inp' in moved
        states = sorted(COUNTED[name] for name in moved if name != 'inp')
        held = not moved and not self.arrived(packet, step)
        result = {'verdict': 'forward' if ours else 'local' if local else 'hold' if held else 'drop',
                  'ct_state': states[0] if len(states) == 1 else states or None}
        if ours:
            out = {'side': ours[0][0], **ours[0][1]}
            if 'frag' in out:
                out['frames'] = len(ours)
            self.left[index] = (out, ours[0][2])
        if self.nat:
            result |= {'out': out if ours else None, 'in': sent}
            if ours and result['ct_state'] == 'NEW':
                result |= self.drawn(sent, out)
            if others:
                result['fw_sent'] = others
        entries = [read_entry(message) for message in world.conntrack.dump()]
        found = self.entry_of(entries, inner or sent, inner is not None, side)
        return {**result, **self.view(found), **self.table(entries, 2)}

    def datagram(self, step):
        """Identification of a packet and of its fragments: never twice, since fragments outlive a sequence."""
        if 'frag' not in step:
            return self.world.ident, 0
        if step['frag']['id'] not in self.cut:
            self.world.cuts += 1
            self.cut[step['frag']['id']] = 60001 + self.world.cuts % 5000, self.world.cuts
        return self.cut[step['frag']['id']]

    def arrived(self, packet, step):
        """Whether all fragments of a packet were sent by now."""
        if 'frag' not in step:
            return True
        size, parts = step['frag']['size'], step['frag'].get('parts')
        count = -(-(len(packet) - (20 if self.family == 4 else 40)) // size)
        seen = self.parts.setdefault(step['frag']['id'], set())
        seen.update(range(count) if parts is None else parts)
        return len(seen) == count

    def drawn(self, sent, out):
        """Says which field of a packet that opens a connection the kernel drew at random, and from where."""
        field = 'id' if 'id' in sent else 'sport'
        if field not in sent or sent[field] == out.get(field):
            return {}
        port = sent[field]
        usual = (0, 65535) if field == 'id' else (1, 511) if port < 512 else (600, 1023) if port < 1024 else (1024, 65535)
        ranges = [tuple(rule['ports']) for rule in self.rules.get('post') or [] if 'ports' in rule] + [usual]
        fitting = [x for x in ranges if x[0] <= out[field] <= x[1]]
        return {'out_random': [[field, list(fitting[0])]]} if fitting else {}

    def complete(self, index, step, side):
        """The step with the addresses that a reply takes from what it answers, and the packet that it quotes."""
        step, steps, quoted = dict(step), self.sequence['packets'], None

        def same_flow(other):
            then = steps[other]
            plain = not then.get('reply') and 'inner' not in then
            return plain and then.get('flow', 0) == step.get('flow', 0)

        if step.get('reply'):
            seen = [self.left[j][0] for j in sorted(self.left) if self.left[j][0]['side'] == side and same_flow(j)]
            seen = seen or [self.tuples[j] for j in sorted(self.tuples) if same_flow(j)][-1:]
            reference = seen[0 if step['reply'] == 'first' else -1]
            for name, other in (('src', 'dst'), ('dst', 'src'), ('sport', 'dport'), ('dport', 'sport'), ('id', 'id')):
                if step.get(name) is None and other in reference:
                    step[name] = reference[other]
        if 'inner' in step:
            at = step['inner']
            as_seen = at in self.left and self.left[at][0]['side'] == side and not step.get('inner_as_sent')
            quoted = self.left[at][1] if as_seen else self.sent[at]
            if step.get('dst') is None:
                step['dst'] = parse(quoted, True)[0]['src']
        return step, quoted

    def entry_of(self, entries, sent, quoted, side):
        if sent['proto'] in ('icmp', 'icmpv6') and 'id' not in sent:
            return None
        keys = [key_of(sent)] + ([inverse_key(sent)] if quoted else [])
        hits = [entry for entry in entries if any(key in keys_of(entry) for key in keys)]
        if len(hits) < 2:
            return hits[0] if hits else None
        zones = [x['zone'] for x in self.rules.get('raw') or [] if 'zone' in x and x['match'].get('iif', side) == side]
        zone = zones[0] if zones else 0
        same = [entry for entry in hits if entry.get('zone', 0) == zone]
        return same[0] if len(same) == 1 else 'several'

    def table(self, entries, least):
        shown = least <= len(entries) <= 4
        return {'entries': len(entries), **({'table': [self.view(x) for x in entries]} if shown else {})}

    def view(self, entry):
        if entry is None:
            return {'state': None, 'timeout_s': None, 'flags': []}
        if entry == 'several':
            return {}
        status, left = entry['status'], entry['timeout']
        above = left is not None and left + 1 in self.nominal
        view = {'state': entry.get('state', str(entry['orig']['proto']).upper()),
                'timeout_s': left + 1 if above or left not in self.nominal and left is not None else left}
        names = ('ASSURED', 'EXPECTED', 'DYING', 'FIXED_TIMEOUT')
        view['flags'] = [x for x in names if x in status] + ([] if 'SEEN_REPLY' in status else ['UNREPLIED'])
        view['orig_dir'] = 'c2s' if entry['orig']['src'].startswith(('10.0.1.', 'fd00:1:')) else 's2c'
        if self.nat:
            view['nat'] = [x for x in ('SRC_NAT', 'DST_NAT') if x in status]
            view['nat_done'] = [x[:3] for x in ('SRC_NAT_DONE', 'DST_NAT_DONE') if x in status]
            view['orig'], view['reply'] = tuple_text(entry['orig']), tuple_text(entry['reply'])
        for name in ('wscale', 'tcp_flags', 'zone', 'zone_orig', 'zone_reply', 'mark'):
            if name in entry:
                view[name] = entry[name]
        return view


def pieces_of(packet, step, cut):
    if 'frag' not in step:
        return [packet]
    pieces = fragments(packet, step['frag']['size'], cut)
    parts = step['frag'].get('parts')
    return pieces if parts is None else [pieces[part] for part in parts]


def key_of(t):
    if t['proto'] in ('icmp', 'icmpv6'):
        return t['proto'], t['src'], t['dst'], t['id'], t['type']
    return t['proto'], t['src'], t['dst'], t.get('sport'), t.get('dport')


def inverse_key(t):
    if t['proto'] in ('icmp', 'icmpv6'):
        return t['proto'], t['dst'], t['src'], t['id'], INVERSE_ICMP.get(t['type'], -1)
    return t['proto'], t['dst'], t['src'], t.get('dport'), t.get('sport')


def keys_of(entry):
    return [key_of(entry['orig']), key_of(entry['reply'])]


def tuple_text(t):
    if t['proto'] in ('icmp', 'icmpv6'):
        return f"{t['src']}>{t['dst']} type={t['type']} id={t['id']}"
    return f"{t['src']}:{t.get('sport')}>{t['dst']}:{t.get('dport')}"


def main():
    world = World(sys.argv[1])
    try:
        # nf_conntrack_max is one value for all namespaces: who changes it plays alone.
        with open('/run/nseh-fuzz.lock', 'w') as lock:
            for line in sys.stdin:
                sequence = json.loads(line)
                alone = 'nf_conntrack_max' in line
                fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
                usual_max = world.setting('max')
                try:
                    answer = Recording(world, sequence).play()
                except (RuntimeError, OSError, KeyError, IndexError, ValueError) as error:
                    last = traceback.extract_tb(error.__traceback__)[-1]
                    answer = {'error': f'{error!r} in {last.name}, line {last.lineno}'}
                if alone:
                    world.set('nf_conntrack_max', usual_max)
                fcntl.flock(lock, fcntl.LOCK_UN)
                print(json.dumps(answer), flush=True)
    finally:
        world.remove()


if __name__ == '__main__':
    main()
