"""Transfers over a path that loses every tenth packet, of one direction or of both."""

import random

NEVER = [10**9, 1]


def all_cases():
    draws = random.Random(11)
    return [transfer(index, draws) for index in range(90)]


def transfer(index, draws):
    """From the first data on; the handshake and the acknowledgement after it arrive."""
    segments = draws.randint(20, 120)
    drop = [['c', count] for count in range(4, 400) if draws.random() < 0.1]
    if index % 3 == 2:
        drop += [['s', count] for count in range(2, 400) if draws.random() < 0.1]
    script = [[0, 'c', 'connect'], [100, 'c', 'send', segments * 1448]]
    rtt = (1, 1, 5)[index // 30]
    name = f'{index}: {segments} segments'
    frame = {'name': name, 'rttMs': rtt, 'rateMbps': 100, 'leadMs': 0, 'runMs': 3000}
    return {**frame, 'script': script, 'answer': NEVER, 'answerFromZero': NEVER, 'drop': drop}
