"""Records handovers of real flows between two firewalls of this machine, in the form of golden-handover.json.gz.

    python3 results/validation/handover/recorder.py OUT.json [TAG [REPLICATES [SET]]]

Needs root, nft, conntrack and ip; without them it says so and does nothing. Takes about ten seconds a run. A path from
a client to a VM leads through firewall A; it is cut, the entries are copied (or not), and it comes back through firewall
B. There are no attack probes and no FTP: what is held is which flows live, and when they go on. On a busy machine the latter
is late, and a reader that is not given its turn seems to have lost what it has not read.
"""

import ctypes
import fcntl
import json
import os
import platform
import shutil
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '../fuzz'))

# What is recorded, by the name of the set: blackouts in ms, how long each is observed, congestion control of the
# first and the second replicate, and the schemes.
SETS = {
    'second': {
        'blackouts_ms': (60, 700, 1500), 'observed_ms': {'500': 4000, '2000': 7000}, 'controls': ('cubic', 'reno'),
        'schemes': {
            'rules-restricted': {'rules': 'restricted'},
            'rules-open': {'rules': 'open'},
            'rules-loose0': {'rules': 'restricted', 'loose': 0},
            'copy-flags': {'rules': 'restricted', 'copy': 'flags'},
            'copy-flags-liberal-loose0': {'rules': 'restricted', 'copy': 'flags', 'loose': 0, 'liberal': 1},
            'copy-liberal-open': {'rules': 'open', 'copy': 'liberal'},
            'stale-loose0': {'rules': 'restricted', 'copy': 'liberal', 'stale_ms': 700, 'loose': 0},
            'late-drop': {'rules': 'restricted', 'copy': 'liberal', 'late_ms': 300, 'before': 'dropall'},
        },
    },
    'third': {
        'blackouts_ms': (150, 450, 1100), 'observed_ms': {'500': 4000, '2000': 6500}, 'controls': ('cubic', 'bbr'),
        'schemes': {
            'naive': {'rules': 'restricted', 'copy': 'naive'},
            'noflags-loose0': {'rules': 'restricted', 'copy': 'noflags', 'loose': 0},
            'flags-open': {'rules': 'open', 'copy': 'flags'},
            'rules-liberal': {'rules': 'restricted', 'liberal': 1},
            'stale-flags': {'rules': 'restricted', 'copy': 'flags', 'stale_ms': 500},
            'late-accept': {'rules': 'restricted', 'copy': 'flags', 'late_ms': 300, 'before': 'none'},
            'late-same': {'rules': 'restricted', 'copy': 'liberal', 'late_ms': 400, 'before': 'restricted', 'loose': 0},
        },
    },
}
PORTS = {
    'in-bulk-down': 7001, 'in-bulk-up': 7002, 'in-rr': 7003, 'in-idle-client-first': 7004, 'in-idle-vm-first': 7005,
    'in-rr-late': 7011, 'out-bulk-down': 8001, 'out-bulk-up': 8002, 'out-rr': 8003, 'out-idle-vm-first': 8004,
    'out-idle-server-first': 8005, 'out-rr-late': 8011, 'in-udp-rr': 7101, 'in-udp-vm-push': 7102,
    'out-udp-rr': 8101, 'out-udp-server-push': 8102,
}
KINDS = {'bulk-down': 'bulk-down', 'bulk-up': 'bulk-up', 'rr': 'rr', 'rr-late': 'rr', 'idle-client-first': 'con-first',
         'idle-vm-first': 'srv-first', 'push': 'push'}


def rules_text(egress):
    return f"""table ip sg {{
 chain forward {{ type filter hook forward priority 0; policy drop;
 ct state invalid drop
 ct state established,related accept
 iifname "ext0" ip daddr 10.0.2.2 tcp dport 7001-7020 ct state new accept
 iifname "ext0" ip daddr 10.0.2.2 udp dport 7101-7120 ct state new accept
{egress} }}
}}
"""


RULES = {
    'restricted': rules_text(' iifname "int0" ip saddr 10.0.2.2 tcp dport 8001-8020 ct state new accept\n'
                             ' iifname "int0" ip saddr 10.0.2.2 udp dport 8101-8120 ct state new accept\n'),
    'open': rules_text(' iifname "int0" ip saddr 10.0.2.2 ct state new accept\n'),
    'dropall': 'table ip sg {\n chain forward { type filter hook forward priority 0; policy drop;\n }\n}\n',
}
MACS = {'ext0': '02:00:00:00:01:01', 'int0': '02:00:00:00:02:01', 'c0': '02:00:00:00:01:02', 'v0': '02:00:00:00:02:02'}


def what_is_missing():
    if os.geteuid() != 0:
        return 'it needs root, for network namespaces'
    for tool in ('ip', 'bridge', 'nft', 'conntrack'):
        if shutil.which(tool) is None:
            return f'{tool} is not installed'
    return None


def without_offload(device):
    """Frames of one segment, as on a wire (ethtool -K tso off gso off)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for command in (0x1F, 0x24, 0x2C):  # ETHTOOL_STSO, SGSO, SGRO
            value = ctypes.create_string_buffer(struct.pack('=II', command, 0))
            fcntl.ioctl(any_socket, 0x8946, struct.pack('=16sQ', device.encode(), ctypes.addressof(value)) + bytes(16))


class World:
    """Client, VM, the two firewalls, and a switch whose ports say which firewall is in."""

    def __init__(self, tag):
        self.names = {key: f'nsehho{tag}{key}' for key in 'cvabs'}
        self.remove()
        shell(['ip', '-batch', '-'], ''.join(f'netns add {name}\n' for name in self.names.values()))
        self.enter('s')
        batch = ''
        for side in 'cv':
            batch += f'link add br{side} type bridge\nlink set br{side} up\n'
        for side, device in (('c', 'c0'), ('v', 'v0')):
            batch += f'link add p{side} type veth peer name {device} address {MACS[device]} netns {self.names[side]}\n'
            batch += f'link set p{side} master br{side} up\n'
        for firewall in 'ab':
            for device, side in (('ext0', 'c'), ('int0', 'v')):
                port = f'{device}{firewall}'
                batch += f'link add {port} type veth peer name {device} address {MACS[device]} '
                batch += f'netns {self.names[firewall]}\nlink set {port} master br{side} up\n'
        shell(['ip', '-batch', '-'], batch)
        self.ends()
        self.enter('s')
        for port in ('pc', 'pv', 'ext0a', 'ext0b', 'int0a', 'int0b'):
            shell(['bridge', 'link', 'set', 'dev', port, 'learning', 'off'])
        self.conntrack = {}
        for firewall in 'ab':
            self.firewall(firewall)
        # The kernel lets ports forward when it hears of their carrier, which may take it a second: not after ours.
        time.sleep(1.3)
        self.switch(a=0, b=0)

    def enter(self, key):
        enter_namespace(self.names[key])

    def ends(self):
        for side, device, subnet in (('c', 'c0', 1), ('v', 'v0', 2)):
            self.enter(side)
            gateway = MACS['ext0' if side == 'c' else 'int0']
            write('/proc/sys/net/ipv6/conf/all/disable_ipv6', 1)
            batch = f'link set lo up\nlink set {device} up\naddr add 10.0.{subnet}.2/24 dev {device}\n'
            batch += f'route add default via 10.0.{subnet}.1\n'
            batch += f'neigh replace 10.0.{subnet}.1 lladdr {gateway} dev {device} nud permanent\n'
            shell(['ip', '-batch', '-'], batch)
            without_offload(device)

    def firewall(self, key):
        self.enter(key)
        write('/proc/sys/net/ipv4/ip_forward', 1)
        write('/proc/sys/net/ipv6/conf/all/disable_ipv6', 1)
        batch = 'link set lo up\n'
        for device, end, subnet in (('ext0', 'c0', 1), ('int0', 'v0', 2)):
            batch += f'link set {device} up\naddr add 10.0.{subnet}.1/24 dev {device}\n'
            batch += f'neigh replace 10.0.{subnet}.2 lladdr {MACS[end]} dev {device} nud permanent\n'
        shell(['ip', '-batch', '-'], batch)
        for device in ('ext0', 'int0'):
            without_offload(device)
        self.conntrack[key] = Conntrack()

    def rules(self, key, name):
        self.enter(key)
        shell(['nft', '-f', '-'], 'flush ruleset\n' + RULES.get(name, ''))

    def setting(self, key, name, value):
        self.enter(key)
        write(f'/proc/sys/net/netfilter/nf_conntrack_{name}', value)

    def switch(self, **states):
        """Lets a firewall's two ports forward (3) or not (0)."""
        self.enter('s')
        lines = [f'link set dev {device}{key} state {state}\n' for key, state in states.items()
                 for device in ('ext0', 'int0')]
        shell(['bridge', '-batch', '-'], ''.join(lines))

    def check(self, **forwards):
        """Fails where the kernel has set a port otherwise since."""
        self.enter('s')
        for port in json.loads(shell(['bridge', '-j', 'link', 'show']).stdout):
            device, key = port['ifname'][:-1], port['ifname'][-1]
            if device in ('ext0', 'int0') and (port['state'] == 'forwarding') != forwards[key]:
                raise RuntimeError(f'{port["ifname"]} is {port["state"]}')

    def remove(self):
        enter_namespace(None)
        shell(['ip', '-force', '-batch', '-'], ''.join(f'netns del {n}\n' for n in self.names.values()), False)


class End:
    """One end of a flow: its socket, and when its application sent and received."""

    def __init__(self, own):
        self.socket, self.sent, self.received = own, [], []

    def note(self, list_of_times):
        list_of_times.append(time.monotonic())

    def send(self, size):
        self.socket.sendall(bytes(size))
        self.note(self.sent)

    def at_cut(self, now):
        def since(times):
            return round((now - times[-1]) * 1000, 1) if times else None
        found = {'since_last_send_ms': since(self.sent), 'since_last_rx_ms': since(self.received)}
        if self.socket.type == socket.SOCK_STREAM:
            info = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
            found['unacked'] = struct.unpack_from('=I', info, 24)[0]
        return found


class Flow:
    def __init__(self, world, name, control):
        self.name, self.world = name, world
        self.initiator = 'client' if name.startswith('in-') else 'vm'
        self.proto = 'udp' if 'udp' in name else 'tcp'
        rest = name.split('-', 1)[1].removeprefix('udp-')
        self.kind = 'push' if rest.endswith('push') else KINDS.get(rest, 'srv-first')
        if rest == 'idle-vm-first' and self.initiator == 'vm':
            self.kind = 'con-first'
        self.control, self.over = control, threading.Event()
        self.con = self.srv = None
        self.open()

    def open(self):
        client = self.initiator == 'client'
        sides, address = ('c', 'v') if client else ('v', 'c'), '10.0.2.2' if client else '10.0.1.2'
        stream = self.proto == 'tcp'
        kind = socket.SOCK_STREAM if stream else socket.SOCK_DGRAM
        self.world.enter(sides[1])
        listener = socket.socket(socket.AF_INET, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, PORTS[self.name]))
        self.world.enter(sides[0])
        connector = socket.socket(socket.AF_INET, kind)
        if stream:
            for one in (listener, connector):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, self.control.encode())
            listener.listen(1)
        connector.connect((address, PORTS[self.name]))
        if stream:
            acceptor, _ = listener.accept()
            listener.close()
        else:
            connector.send(bytes(100))
            _, peer = listener.recvfrom(2048)
            acceptor = listener
            acceptor.connect(peer)
        self.con, self.srv = End(connector), End(acceptor)
        for work in self.works():
            threading.Thread(target=self.quietly, args=(work,), daemon=True).start()

    def quietly(self, work):
        try:
            work()
        except OSError:
            pass  # A flow that breaks receives no more.

    def works(self):
        if self.kind in ('bulk-down', 'bulk-up'):
            source, sink = (self.srv, self.con) if self.kind == 'bulk-down' else (self.con, self.srv)
            return [lambda: self.blocks(source), lambda: self.read(sink, None)]
        if self.kind == 'rr':
            return [self.ask, lambda: self.read(self.srv, 1000)]
        if self.kind == 'push':
            return [self.push, lambda: self.read(self.con, None)]
        answering, speaking = (self.srv, self.con) if self.kind == 'con-first' else (self.con, self.srv)
        return [lambda: self.read(answering, 1), lambda: self.read(speaking, None)]

    def needed(self):
        if self.kind in ('bulk-down', 'bulk-up'):
            return [self.con if self.kind == 'bulk-down' else self.srv]
        return [self.con] if self.kind == 'push' else [self.con, self.srv]

    def read(self, end, answer):
        while not self.over.is_set():
            if not end.socket.recv(1 << 17):
                return
            end.note(end.received)
            if answer is not None:
                end.send(answer)

    def blocks(self, source):
        due = time.monotonic()
        while not self.over.is_set():
            source.send(32768)
            while due <= time.monotonic():
                due += 0.032
            time.sleep(max(0, due - time.monotonic()))

    def ask(self):
        if self.proto == 'udp':
            self.con.socket.settimeout(0.25)
        while not self.over.is_set():
            if self.proto == 'tcp':
                self.con.send(100)
                heard = 0
                while heard < 1000:
                    heard += len(self.con.socket.recv(4096))
            else:
                self.con.send(100)
                try:
                    self.con.socket.recv(2048)
                except TimeoutError:
                    time.sleep(0.1)
                    continue
            self.con.note(self.con.received)
            time.sleep(0.05)

    def push(self):
        while not self.over.is_set():
            self.srv.send(200)
            time.sleep(0.1)

    def speak(self):
        if self.kind in ('con-first', 'srv-first'):
            self.quietly(lambda: (self.con if self.kind == 'con-first' else self.srv).send(1))

    def outcome(self, resumed, spoken, ended, cut):
        idle = self.kind in ('con-first', 'srv-first')
        start = spoken if idle else resumed
        firsts = [next((t for t in end.received if t >= start), None) for end in self.needed()]
        lives = all(any(t >= (start if idle else ended - 1.5) for t in end.received) for end in self.needed())
        first = None if not lives or None in firsts else round((max(firsts) - start) * 1000, 1)
        return {'flow': self.name, 'kind': self.kind, 'proto': self.proto, 'initiator': self.initiator,
                'survives': lives, 'first_byte_ms': first, 'cut': cut}

    def close(self):
        self.over.set()
        for end in (self.con, self.srv):
            end.socket.close()


def record(tag, set_name, scheme, blackout_ms, run):
    """One handover; the world is made for it and removed after it."""
    chosen = SETS[set_name]
    params, control = chosen['schemes'][scheme], chosen['controls'][(run - 1) % 2]
    world = World(tag)
    flows = []
    try:
        for key, name in (('a', 'restricted'), ('b', params.get('before', params['rules']))):
            world.rules(key, name)
            world.setting(key, 'tcp_loose', 1 if key == 'a' else params.get('loose', 1))
            world.setting(key, 'tcp_be_liberal', 0 if key == 'a' else params.get('liberal', 0))
        world.switch(a=3)
        flows = [Flow(world, name, control) for name in PORTS if not name.endswith('-late')]
        time.sleep(1.6)
        stale = params.get('stale_ms')
        copied = world.conntrack['a'].dump() if stale else None
        open_and_close(world)
        flows += [Flow(world, name, control) for name in PORTS if name.endswith('-late')]
        delay = (run * 37 + blackout_ms) % 200 / 1000
        time.sleep(max(0.4, (stale or 0) / 1000) + 0.2 + delay)
        world.check(a=True, b=False)
        world.switch(a=0)
        cut = time.monotonic()
        cuts = [{'con': flow.con.at_cut(cut), 'srv': flow.srv.at_cut(cut)} for flow in flows]
        if 'copy' in params and copied is None:
            copied = world.conntrack['a'].dump()
        late = params.get('late_ms')
        if late is None:
            load(world, params, copied)
        time.sleep(max(0, cut + blackout_ms / 1000 - time.monotonic()))
        world.switch(b=3)
        resumed = time.monotonic()
        if late is not None:
            time.sleep(late / 1000)
            world.rules('b', params['rules'])
            load(world, params, copied)
        speak_at = resumed + (0.4 if late is None else 0.8)
        time.sleep(max(0, speak_at - time.monotonic()))
        spoken = time.monotonic()
        for flow in flows:
            flow.speak()
        length = next(ms for limit, ms in chosen['observed_ms'].items() if blackout_ms <= int(limit))
        time.sleep(max(0, resumed + length / 1000 - time.monotonic()))
        ended = time.monotonic()
        world.check(a=False, b=True)
        outcomes = [flow.outcome(resumed, spoken, ended, at) for flow, at in zip(flows, cuts)]
        return {'scheme': scheme, 'params': params, 'blackout_ms': blackout_ms, 'set': set_name,
                'actual_blackout_ms': round((resumed - cut) * 1000, 1), 'run': run, 'congestion_control': control,
                'cut_delay_ms': round(delay * 1000), 'flows': outcomes, 'probes_reached_vm': {}}
    finally:
        for flow in flows:
            flow.close()
        world.remove()


def open_and_close(world):
    """One connection that has ended before the cut, as in meta.script."""
    world.enter('v')
    listener = socket.create_server(('10.0.2.2', 7020))
    world.enter('c')
    connector = socket.create_connection(('10.0.2.2', 7020))
    acceptor, _ = listener.accept()
    for one in (connector, acceptor, listener):
        one.close()


def load(world, params, copied):
    if 'copy' in params:
        for message in copied:
            world.conntrack['b'].load(message, params['copy'])


def main():
    missing = what_is_missing()
    if missing is not None:
        print(f'recorder.py is skipped: {missing}')
        return
    out, tag = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else '0'
    replicates = int(sys.argv[3]) if len(sys.argv) > 3 else 2
    set_name = sys.argv[4] if len(sys.argv) > 4 else 'second'
    chosen = SETS[set_name]
    meta = {
        'kernel': platform.release().split('-')[0], 'link_rtt_ms': 0.1, 'ports': PORTS, 'rules': RULES,
        'probe_order': [], 'observation_after_resume_ms': chosen['observed_ms'],
        'idle_flows_speak_at_ms_after_resume': {'default': 400, 'late schemes': 800},
    }
    runs = []
    for blackout_ms in chosen['blackouts_ms']:
        for scheme in chosen['schemes']:
            for run in range(1, replicates + 1):
                runs.append(record(tag, set_name, scheme, blackout_ms, run))
                dead = [flow['flow'] for flow in runs[-1]['flows'] if not flow['survives']]
                print(scheme, blackout_ms, run, 'dead:', *dead, flush=True)
    with open(out, 'w') as file:
        json.dump({'meta': meta, 'runs': runs}, file)


if __name__ == '__main__':
    if what_is_missing() is None:
        from kernel import Conntrack, enter_namespace, shell, write  # opens the namespace of the start
    main()
