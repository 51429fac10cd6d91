"""Seeds for the target `dissector`, from the fixtures: a byte of settings, then frames and key logs, each behind its length."""

import pathlib
import struct

LINK_TYPES = [1, 0, 101, 113, 276]  # As in mtlscope_dissect::fuzzing.
KEEP_BYTES, SECRETS_MAY_COME, KEY_LOG = 0x40, 0x80, 0x8000

root = pathlib.Path(__file__).resolve().parent
corpus = root / "corpus" / "dissector"
corpus.mkdir(parents=True, exist_ok=True)
for path in sorted(root.parent.glob("fixtures/*/capture.pcap")):
    capture = path.read_bytes()
    order = "<" if capture[0] in (0xD4, 0x4D) else ">"
    (link_type,) = struct.unpack_from(order + "I", capture, 20)
    frames, place = b"", 24
    while place + 16 <= len(capture):
        (length,) = struct.unpack_from(order + "I", capture, place + 8)
        frames += struct.pack(">H", length) + capture[place + 16 : place + 16 + length]
        place += 16 + length
    keys_file = path.with_name("keys.log")
    keys = keys_file.read_bytes() if keys_file.exists() else b""
    keys = struct.pack(">H", KEY_LOG | len(keys)) + keys
    settings = LINK_TYPES.index(link_type) | KEEP_BYTES
    name = path.parent.name
    (corpus / name).write_bytes(bytes([settings]) + keys + frames)
    (corpus / f"{name}-late").write_bytes(bytes([settings | SECRETS_MAY_COME]) + frames + keys)
