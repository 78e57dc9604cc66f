"""Rules of a sequence as nftables text; the same that results/validation/golden-ruleset.ts makes of them."""

STATES = ('new', 'established', 'related', 'invalid', 'untracked')
MEASUREMENT = (
    'table inet meas {\n' + ''.join(f' counter c{state[:3]} {{ }}\n' for state in STATES) + ' counter inp { }\n'
    ' chain pre { type filter hook prerouting priority -150; policy accept;\n'
    + ''.join(f'  iifname {{ "c0", "s0" }} ct state {state} counter name c{state[:3]}\n' for state in STATES)
    + ' }\n chain inp { type filter hook input priority -150; policy accept;\n'
    '  iifname { "c0", "s0" } counter name inp\n }\n}\n')


def rules_text(rules, family):
    text = f'table {family} fw {{\n'
    if rules.get('raw'):
        text += chain('raw', 'filter', 'prerouting', 'raw', 'accept', [
            match_text(x['match']) + (' notrack' if x.get('notrack') else zone_text(x))
            for x in rules['raw']])
    if rules.get('marks'):
        text += chain('marks', 'filter', 'prerouting', -140, 'accept', [
            match_text(x['match']) + f" ct mark set {x['mark']}" for x in rules['marks']])
    if rules.get('ftp'):
        text += ' ct helper ftp { type "ftp" protocol tcp; }\n'
        text += chain('helper', 'filter', 'prerouting', -150, 'accept', ['tcp dport 21 ct helper set "ftp"'])
    for name, hook, priority in (('pre', 'prerouting', 'dstnat'), ('post', 'postrouting', 'srcnat')):
        if rules.get(name) is not None:
            lines = [match_text(x['match']) + ' ' + translation_text(x, family) for x in rules[name]]
            text += chain(name, 'nat', hook, priority, 'accept', lines)
    text += chain('forward', 'filter', 'forward', 'filter', rules['policy'], [
        match_text(x['match']) + ' ' + x['verdict'] for x in rules['forward']])
    if rules.get('input'):
        text += chain('input', 'filter', 'input', 'filter', rules['input'], [])
    return text + '}\n'


def zone_text(rule):
    direction = rule['zone_dir'] + ' ' if 'zone_dir' in rule else ''
    return f" ct {direction}zone set {rule['zone']}"


def chain(name, kind, hook, priority, policy, lines):
    head = f' chain {name} {{ type {kind} hook {hook} priority {priority}; policy {policy};\n'
    return head + ''.join(f'  {line}\n' for line in lines) + ' }\n'


def match_text(match):
    out = [f'{x}name "{match[x]}0"' for x in ('iif', 'oif') if x in match]
    named = 'dport' in match or 'sport' in match or 'icmp_type' in match or match.get('syn_only')
    if 'proto' in match and not named:
        out.append('meta l4proto ' + {'icmpv6': 'ipv6-icmp'}.get(match['proto'], match['proto']))
    if 'ct_state' in match:
        out.append('ct state ' + ','.join(match['ct_state']))
    if 'ct_status' in match:
        out.append('ct status ' + match['ct_status'])
    for name in ('dport', 'sport'):
        if name in match:
            out.append(f"{match['proto']} {name} {match[name]}")
    if 'icmp_type' in match:
        out.append(f"{match['proto']} type {match['icmp_type']}")
    if match.get('syn_only'):
        out.append('tcp flags & (fin|syn|rst|ack) == syn')
    return ' '.join(out)


def translation_text(rule, family):
    text = rule['action']
    if text in ('snat', 'dnat'):
        ends = rule['to'].split('-')
        text += ' to ' + '-'.join(end if family == 'ip' else f'[{end}]' for end in ends)
        if 'ports' in rule:
            low, high = rule['ports']
            text += f':{low}' + (f'-{high}' if high != low else '')
    elif 'ports' in rule:
        text += f" to :{rule['ports'][0]}"
    return text + (' ' + ','.join(rule['flags']) if 'flags' in rule else '')
