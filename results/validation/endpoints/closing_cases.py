"""Further cases for recorder.py: ends that nobody reads any more, and SYN cookies."""

from cases import FOR_EVER, NEVER, case

ROUND_TRIPS_MS = (0.2, 4, 30, 100)


def all_cases():
    cases = []
    for rtt in ROUND_TRIPS_MS:
        cases += after_close(rtt) + aborts(rtt) + cookies(rtt)
    return cases + orphans()


def after_close(rtt):
    close, later, last = [[0, 'c', 'close']], 100 + rtt, 300 + rtt
    late = [[later, 's', 'send', 3000], [last, 's', 'send', 100]]
    shut = [[0, 'c', 'shutdown'], [later, 's', 'send', 1000], [last, 'c', 'close']]
    return [
        case('full close and data', rtt, close + late, 2000),
        case('full close and data at once', rtt, close + [[0, 's', 'send', 3000]], 2000),
        case('full close and data of both', rtt, [[0, 'c', 'send', 5000]] + close + [[0, 's', 'send', 3000]], 2000, answer=NEVER),
        case('full close and data before', rtt, [[0, 's', 'send', 3000]] + [[rtt / 2 + 20, 'c', 'close']] + late, 2000),
        case('full close and many data', rtt, [[0, 's', 'send', 60000], [1.6 * rtt + 1, 'c', 'close']], 2000),
        case('full close, data and no answer', rtt, close + late, 4000, cuts=[['c', 50 + rtt, 900]]),
        case('full close, its FIN lost, and data', rtt, close + [[50, 's', 'send', 3000]], 3000, drop=[['c', 1]]),
        case('full close, the first of the data lost', rtt, close + late, 3000, drop=[['s', 2]]),
        case('full close and cut and data', rtt, close + [[50, 's', 'send', 3000]], 6000, cuts=[['cs', -1, 1000]]),
        case('full close, data and a FIN', rtt, close + [[later, 's', 'send', 1000], [later, 's', 'close']], 2000),
        case('full close, a FIN later', rtt, close + [[later, 's', 'shutdown']], 2000),
        case('half, then full close and data', rtt, shut + [[last + 200, 's', 'send', 1000]], 2000),
        case('half, then full close and a FIN', rtt, shut + [[last + 200, 's', 'close']], 2000),
        case('full close of the second', rtt, [[0, 's', 'shutdown'], [later, 'c', 'send', 1000], [later, 'c', 'close']], 2000, answer=NEVER),
    ]


def aborts(rtt):
    begin, later = [[0, 'c', 'connect']], 100 + rtt
    return [
        case('abort of a SYN', rtt, begin + [[300, 'c', 'abort']], 3000, 0, cuts=[['cs', -1, 1500]]),
        case('close of a SYN', rtt, begin + [[300, 'c', 'close']], 3000, 0, cuts=[['cs', -1, 1500]]),
        case('abort after shutdown', rtt, [[0, 'c', 'shutdown'], [later, 'c', 'abort']], 2000),
        case('abort after shutdown and cut', rtt, [[0, 'c', 'shutdown'], [later, 'c', 'abort']], 3000, cuts=[['cs', -1, later + 500]]),
        case('abort after both', rtt, [[0, 'c', 'shutdown'], [0, 's', 'shutdown'], [later + rtt, 'c', 'abort']], 2000),
        case('abort of the last', rtt, [[0, 's', 'shutdown'], [later, 'c', 'shutdown'], [later + 100, 'c', 'abort']], 3000, cuts=[['c', 50 + rtt, later + 1500]]),
        case('abort of both FINs', rtt, [[0, 'c', 'shutdown'], [0, 's', 'shutdown'], [later, 'c', 'abort']], 3000, cuts=[['s', rtt / 2 + 1, later + 1500]]),
        case('abort with data on their way', rtt, [[0, 'c', 'send', 30000], [1, 'c', 'abort']], 2000, answer=NEVER),
    ]


def orphans():
    """What is left of a connection after its application: for how long."""
    found = []
    for rtt in (0.2, 100):
        for retries in (1, 3, 5):
            sysctls, cuts = {'net.ipv4.tcp_orphan_retries': retries}, [['cs', -1, FOR_EVER]]
            data = [[0, 'c', 'send', 100]]
            found += [
                case(f'orphan retries {retries}', rtt, [[0, 'c', 'close']], 22000, sysctls=sysctls, cuts=cuts),
                case(f'orphan retries {retries}, data', rtt, data + [[0, 'c', 'close']], 22000, sysctls=sysctls, cuts=cuts),
                case(f'orphan retries {retries}, close later', rtt, data + [[5000, 'c', 'close']], 22000, sysctls=sysctls, cuts=cuts),
                case(f'orphan retries {retries}, second', rtt, [[-30 - rtt, 's', 'shutdown'], [0, 'c', 'close']], 22000, sysctls=sysctls, cuts=cuts),
            ]
        for at in (2500, 3700):
            sysctls = {'net.ipv4.tcp_fin_timeout': 3}
            found += [
                case(f'tcp_fin_timeout 3, FIN at {at}', rtt, [[0, 'c', 'close'], [at, 's', 'close']], 7000, sysctls=sysctls),
                case(f'tcp_fin_timeout 3, data at {at}', rtt, [[0, 'c', 'close'], [at, 's', 'send', 100]], 7000, sysctls=sysctls),
                case(f'tcp_fin_timeout 3, half, FIN at {at}', rtt, [[0, 'c', 'shutdown'], [200, 'c', 'close'], [at, 's', 'close']], 7000, sysctls=sysctls),
                case(f'tcp_fin_timeout 3, only half, FIN at {at}', rtt, [[0, 'c', 'shutdown'], [at, 's', 'close']], 7000, sysctls=sysctls),
            ]
        found.append(case('orphan for ever', rtt, [[0, 'c', 'close']], 120000, cuts=[['cs', -1, FOR_EVER]]))
        found += [case(f'FIN at {at}', rtt, [[0, 'c', 'close'], [at, 's', 'close']], 68000) for at in (58000, 63000)]
    return found


def cookies(rtt):
    found, begin = [], [[0, 'c', 'connect']]
    always, without = {'net.ipv4.tcp_syncookies': 2}, {'net.ipv4.tcp_timestamps': 0}
    sets = (('', always, {}), (' without timestamps', {**always, **without}, {}), (', the client without', always, without), (', the client without SACK', always, {'net.ipv4.tcp_sack': 0}))
    for name, sysctls, client in sets:
        more = {'sysctls': sysctls, 'clientSysctls': client, 'options': True}
        data = begin + [[400, 's', 'send', 14480], [700, 'c', 'send', 14480]]
        found.append(case(f'cookie{name}', rtt, data, 2000, 0, NEVER, **more))
        found.append(case(f'cookie{name}, loss', rtt, data, 3000, 0, NEVER, drop=[['s', 4], ['s', 5]], **more))
        # With timestamps the first timeout depends on where the clock stands.
        if 'net.ipv4.tcp_timestamps' in {**sysctls, **client}:
            found.append(case(f'cookie{name}, cut', rtt, begin + [[400, 's', 'send', 100]], 3000, 0, NEVER, cuts=[['cs', 399, 1300]], **more))
    return found
