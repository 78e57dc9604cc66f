"""The cases that recorder.py plays: what the two ends do and what the path does to their packets."""

import random

ROUND_TRIPS_MS = (0.2, 4, 30, 100, 300)
FOR_EVER = 1e9
WARM_UP = [[-1200 + 100 * index, 'c', 'send', 100] for index in range(8)]
NEVER = [10**9, 1]

# What is sent at 0 ms, and how many bytes of it the server answers by 100.
KINDS = {
    'one': ([[0, 'c', 'send', 100]], 100),
    'two': ([[0, 'c', 'send', 1000]] * 2, 2000),
    'three': ([[0, 'c', 'send', 100]] * 3, 300),
    'ten': ([[0, 'c', 'send', 1400]] * 10, 14000),
    'fin': ([[0, 'c', 'shutdown']], 100),
    'data-fin': ([[0, 'c', 'send', 100], [0, 'c', 'shutdown']], 100),
    'bulk': ([[0, 'c', 'send', 65536]], 65536),
    'two-full': ([[0, 'c', 'send', 2896]], 2896),
    'server-ten': ([[0, 's', 'send', 14000]], 100),
    'one-by-one': ([[30, 'c', 'send', 100], [90, 'c', 'send', 100]], 100),
    'both': ([[0, 'c', 'send', 1400], [0, 's', 'send', 1400], [0, 'c', 'send', 1400], [0, 's', 'send', 1400]], 2800),
}


def all_cases():
    draws = random.Random(3)
    cases = []
    for rtt in ROUND_TRIPS_MS:
        cases += cut(rtt, draws) + one_way(rtt, draws) + handshake(rtt) + lost_segments(rtt) + closing(rtt) + talk(rtt)
    return cases + settings(draws)


def case(name, rtt, script, run_ms, lead_ms=1500, answer=(100, 100), **more):
    warm_up = WARM_UP if lead_ms else []
    rule = {'answer': [100, 100], 'answerFromZero': list(answer)}
    return {'name': name, 'rttMs': rtt, 'leadMs': lead_ms, 'script': warm_up + script, 'runMs': run_ms, **rule, **more}


def of_kind(name, kind, rtt, run_ms, **more):
    script, per = KINDS[kind]
    return case(f'{name} {kind}', rtt, script, run_ms, answer=(per, 100), **more)


def cut(rtt, draws):
    found = []
    for kind in KINDS:
        for about_ms in draws.sample((50, 150, 350, 700, 1500, 4000, 10000), 4):
            end = round(about_ms * draws.uniform(0.85, 1.15))
            found.append(of_kind('cut', kind, rtt, 3 * end + 3000 + 10 * rtt, cuts=[['cs', -1, end]]))
    return found


def one_way(rtt, draws):
    found = []
    for kind in ('one', 'two', 'ten', 'fin', 'one-by-one', 'bulk', 'both', 'data-fin'):
        for what, who in (('cuts', 'c'), ('cuts', 's'), ('holds', 'c'), ('holds', 's'), ('holds', 'cs')):
            end = round(draws.choice((80, 250, 600, 1200, 3000)) * draws.uniform(0.85, 1.15))
            found.append(of_kind(f'{what} {who}', kind, rtt, 3 * end + 3000 + 10 * rtt, **{what: [[who, -1, end]]}))
    return found


def handshake(rtt):
    """0 ms is the SYN; packets are counted from it on."""
    found = []
    for lost in ('', 'c1', 'c1 c2', 's1', 's1 s2', 'c2', 'c2 c3', 'c1 s1'):
        drop = [[text[0], int(text[1:])] for text in lost.split()]
        begin = [[0, 'c', 'connect']]
        later = [[4000, 'c', 'send', 100], [4000, 's', 'send', 100]]
        found += [
            case(f'open without {lost}', rtt, begin, 8000, 0, drop=drop),
            case(f'open and send without {lost}', rtt, begin + [[0.1, 'c', 'send', 5000]], 8000, 0, NEVER, drop=drop),
            case(f'cut after open without {lost}', rtt, begin + later, 9000, 0, NEVER, drop=drop, cuts=[['cs', 3999, 7000]]),
        ]
    return found


def lost_segments(rtt):
    found = []
    for lost, size in (('1', 14480), ('2', 14480), ('5', 14480), ('9', 14480), ('10', 14480), ('3', 4344), ('2', 2896), ('1', 100)):
        found.append(case(f'send {size} without {lost}', rtt, [[0, 'c', 'send', size]], 3000 + 10 * rtt, answer=(size, 100), drop=[['c', int(lost)]]))
    for lost in ((1, 2), (2, 3), (9, 10), (1, 11), (5, 6)):
        drop = [['c', number] for number in lost]
        found.append(case(f'send 14480 without {lost}', rtt, [[0, 'c', 'send', 14480]], 4000 + 10 * rtt, answer=(14480, 100), drop=drop))
    return found


def closing(rtt):
    close, half = [[0, 'c', 'close']], [[0, 'c', 'shutdown'], [100 + rtt, 's', 'send', 3000], [500 + rtt, 's', 'close']]
    after = [[50, 'c', 'send', 2000]]
    found = [case(f'close without {name}', rtt, close, 4000, closesAtEof='s', drop=drop) for name, drop in (
        ('loss', []), ('the FIN', [['c', 1]]), ('its answer', [['s', 1]]), ('two answers', [['s', 1], ['s', 2]]), ('the last ACK', [['c', 2], ['c', 3]]))]
    return found + [
        case('close at once', rtt, close + [[0, 's', 'close']], 4000),
        case('close at once and cut', rtt, close + [[0, 's', 'close']], 6000, cuts=[['cs', -1, 1000]]),
        case('half-close', rtt, half, 4000),
        case('half-close and cut', rtt, half, 6000, cuts=[['cs', 50 + rtt, 900]]),
        case('the client is gone', rtt, [[0, 'c', 'vanish'], [50, 's', 'send', 2000]], 3000),
        case('the server is gone', rtt, [[0, 's', 'vanish']] + after, 3000),
        case('the server is gone and cut', rtt, [[0, 's', 'vanish']] + after, 6000, cuts=[['cs', 0, 1300]]),
        case('reset', rtt, [[0, 's', 'abort']], 3000),
        case('reset and cut', rtt, [[0, 's', 'abort'], [100, 'c', 'send', 100]], 4000, cuts=[['cs', -1, 1000]]),
    ]


def talk(rtt):
    """No loss: windows, delayed acknowledgements and pauses."""
    found = []
    for gap in (20, 60, 300, 1200):
        for size in (100, 1448, 1800, 3000):
            found.append(case(f'send {size} each {gap} ms', rtt, [[gap * index, 'c', 'send', size] for index in range(8)], 8 * gap + 1000, answer=NEVER))
        found.append(case(f'ask each {gap} ms', rtt, [[gap * index, 'c', 'send', 100] for index in range(8)], 8 * gap + 1000))
    return found


def settings(draws):
    found = []
    for retries in (3, 5, 8):
        for kind, rtt in (('one', 4), ('two', 100), ('fin', 30)):
            run_ms = 60000 if retries < 8 else 120000
            found.append(of_kind(f'tcp_retries2 {retries}', kind, rtt, run_ms, sysctls={'net.ipv4.tcp_retries2': retries}, cuts=[['cs', -1, FOR_EVER]]))
    for retries in (1, 2):
        sysctls = {'net.ipv4.tcp_syn_retries': retries, 'net.ipv4.tcp_synack_retries': retries}
        found += [case(f'retries {retries}, {who} lost', 10, [[0, 'c', 'connect']], 60000, 0, sysctls=sysctls, cuts=[[who, 0, FOR_EVER]]) for who in 'cs']
    found += [case(f'open, {who} lost', 10, [[0, 'c', 'connect']], 75000, 0, cuts=[[who, 0, FOR_EVER]]) for who in ('cs', 's')]
    for rtt in (0.2, 100):
        for keep_alive in ((1, 1, 3), (5, 1, 2), (2, 4, 2)):
            found += [
                case(f'keep-alive {keep_alive} and cut', rtt, [], 30000, keepAlive=keep_alive, cuts=[['cs', 0, FOR_EVER]]),
                of_kind(f'keep-alive {keep_alive}, cut', 'one', rtt, 30000, keepAlive=keep_alive, cuts=[['cs', -1, FOR_EVER]]),
            ]
        for patience in (500, 1500, 7000):
            for kind in ('one', 'two'):
                found.append(of_kind(f'user timeout {patience}', kind, rtt, 30000, userTimeoutMs=patience, cuts=[['cs', -1, FOR_EVER]]))
        for about_ms in (170, 900, 2600):
            for kind in ('one', 'two', 'ten'):
                end = round(about_ms * draws.uniform(0.9, 1.1))
                found.append(of_kind('no probe', kind, rtt, 3 * end + 3000, sysctls={'net.ipv4.tcp_early_retrans': 0}, cuts=[['cs', -1, end]]))
    return found + [of_kind('long cut', kind, 30, 2.5 * end, cuts=[['cs', -1, end]]) for end in (20000, 35000) for kind in ('one', 'two', 'ten')]
