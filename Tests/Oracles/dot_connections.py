# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
"""Opens COUNT connections of DNS over TLS, then asks on each while all are open.

Usage: dot_connections.py PORT CA COUNT; prints how many were answered.
"""

import asyncio
import ssl
import struct
import sys


def query(number: int) -> bytes:
    name = b"\x05nginx\x07default\x03svc\x06global\x00"
    message = struct.pack("!6H", number, 0, 1, 0, 0, 0) + name + struct.pack("!2H", 1, 1)
    return struct.pack("!H", len(message)) + message


async def main(port: int, authority: str, count: int) -> None:
    context = ssl.create_default_context(cafile=authority)
    context.set_alpn_protocols(["dot"])
    gate = asyncio.Semaphore(50)

    async def connect():
        async with gate:
            return await asyncio.open_connection(
                "127.0.0.1", port, ssl=context, server_hostname="localhost"
            )

    streams = await asyncio.gather(*(connect() for _ in range(count)))
    answered = 0
    for number, (reader, writer) in enumerate(streams):
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "dot"
        writer.write(query(number))
    for number, (reader, _) in enumerate(streams):
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        reply = await reader.readexactly(length)
        answered += reply[:2] == struct.pack("!H", number) and reply[3] & 15 == 0
    print(answered)
    for _, writer in streams:
        writer.transport.abort()


asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
