# SPDX-License-Identifier: Apache-2.0
# Copyright the FabDNS authors
#
# Reads lines "MESSAGE READ" in hexadecimal, where READ is what our reader took MESSAGE for: method, target, fields and
# content, each ended by a zero octet. Prints the lines that llhttp takes for something else.
# With the argument "version" says which httptools is here, or fails.

import sys

import httptools

if sys.argv[1:] == ["version"]:
    print(httptools.__version__)
    sys.exit(0)


class Taken:
    def __init__(self):
        self.target, self.fields, self.content = b"", [], b""
        self.has_head, self.is_complete = False, False

    def on_url(self, part):
        if not self.has_head:
            self.target += part

    def on_headers_complete(self):
        self.has_head = True

    def on_header(self, name, value):
        if not self.has_head:  # Fields behind the content are dropped.
            self.fields.append((name.lower(), value.strip(b" \t")))

    def on_body(self, part):
        if not self.is_complete:
            self.content += part

    def on_message_complete(self):
        self.is_complete = True


def read(message):
    taken = Taken()
    parser = httptools.HttpRequestParser(taken)
    try:
        parser.feed_data(message)
    except httptools.HttpParserError:
        pass  # What follows a whole message may be bad.
    if not taken.is_complete:
        return None
    parts = [parser.get_method(), taken.target]
    parts += [part for field in taken.fields for part in field]
    return b"".join(part + b"\0" for part in parts + [taken.content])


for line in sys.stdin:
    message, ours = map(bytes.fromhex, line.split())
    theirs = read(message)
    if theirs != ours:
        print(message, ours, theirs, sep="\t")
