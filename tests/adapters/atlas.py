"""Writes a small MaxMind DB file (format 2.0), so that reading one can be tested."""

import ipaddress

UINT16, UINT32, UINT64 = 5, 6, 9
METADATA_MARK = b"\xab\xcd\xefMaxMind.com"


def encode(value):
    """One value of the data section."""
    if isinstance(value, str):
        data = value.encode()
        return control(2, len(data)) + data
    if isinstance(value, dict):
        pairs = b"".join(encode(key) + encode(item) for key, item in value.items())
        return control(7, len(value)) + pairs
    if isinstance(value, list):
        return control(11, len(value)) + b"".join(map(encode, value))
    number, kind = value
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return control(kind, len(data)) + data


def control(kind, size):
    extended = bytes([kind - 7]) if kind > 7 else b""
    top = 0 if kind > 7 else kind
    if size < 29:
        return bytes([top << 5 | size]) + extended
    assert size < 285
    return bytes([top << 5 | 29]) + extended + bytes([size - 29])


def write(path, places):
    """A file that knows `{"203.0.113.0/24": record}`; IPv4 lies under ::/96."""
    data, offsets = b"", {}
    root = {}
    for network, record in places.items():
        key = str(record)
        if key not in offsets:
            offsets[key] = len(data)
            data += encode(record)
        node = root
        *way, last = bits_of(ipaddress.ip_network(network))
        for bit in way:
            node = node.setdefault(bit, {})
        node[last] = offsets[key]
    nodes = flatten(root)
    tree = b""
    for node in nodes:
        for bit in (0, 1):
            tree += pointer(node.get(bit), nodes).to_bytes(3, "big")
    about = {
        "binary_format_major_version": (2, UINT16),
        "binary_format_minor_version": (0, UINT16),
        "build_epoch": (1_700_000_000, UINT64),
        "database_type": "Test-City",
        "description": {"en": "test"},
        "ip_version": (6, UINT16),
        "languages": ["en", "pt-BR"],
        "node_count": (len(nodes), UINT32),
        "record_size": (24, UINT16),
    }
    path.write_bytes(tree + b"\0" * 16 + data + METADATA_MARK + encode(about))


def bits_of(network):
    value, length = int(network.network_address), network.prefixlen
    if network.version == 4:
        length += 96
    return [value >> (127 - at) & 1 for at in range(length)]


def flatten(root):
    nodes, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        node["number"] = len(nodes)
        nodes.append(node)
        waiting += [node[bit] for bit in (0, 1) if isinstance(node.get(bit), dict)]
    return nodes


def pointer(target, nodes):
    if target is None:
        return len(nodes)
    if isinstance(target, dict):
        return target["number"]
    return len(nodes) + 16 + target
