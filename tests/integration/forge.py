#!/usr/bin/env python3
"""forge.py OUT FROM [CONFIG=FILE] [MANIFEST=FILE] [SNAPSHOT=FILE] [--bare] [KIND NAME [WHAT]]...

An archive as a stranger would make it: that of lxs-export --compress none in
FROM, with another config (SNAPSHOT: that of snap0) or manifest, without root
file systems (--bare), with more members, and an end that fits.  Kinds: file,
setuid, link, hard, char, fifo.  What begins with files/ goes before rootfs,
what begins with snaps/ comes last.
"""
import hashlib
import io
import sys
import tarfile


def block(info, contents=b""):
    info.size = len(contents)
    padding = b"\0" * (-len(contents) % 512)
    return info.tobuf(tarfile.PAX_FORMAT) + contents + padding


def member(kind, name, what):
    info = tarfile.TarInfo(name)
    info.mode = 0o6755 if kind == "setuid" else 0o644
    if kind in ("file", "setuid"):
        return block(info, (what or "forged").encode())
    info.type = {"link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "char": tarfile.CHRTYPE, "fifo": tarfile.FIFOTYPE}[kind]
    info.linkname = what or ""
    info.devmajor, info.devminor = 1, 3
    return block(info)


out, source, *rest = sys.argv[1:]
data = open(source, "rb").read()
places = {info.name: info.offset for info in tarfile.open(fileobj=io.BytesIO(data))}
names = list(places)
after = next(places[name] for name in names[1:] if not name.endswith("config"))
body, end = data[after:places["lxs-end"]], places["lxs-end"]
named = {"CONFIG": "config", "MANIFEST": "lxs-export", "SNAPSHOT": "snaps/snap0/config"}
texts = {name: data[places[name]:places[following]] for name, following in zip(names, names[1:]) if places[name] < after}
early, late = b"", b""
while rest:
    word = rest.pop(0)
    if "=" in word:
        kind, path = word.split("=", 1)
        texts[named[kind]] = block(tarfile.TarInfo(named[kind]), open(path, "rb").read())
        continue
    if word == "--bare":
        body = b""
        continue
    name = rest.pop(0)
    what = rest.pop(0) if word in ("link", "hard") else None
    made = member(word, name, what)
    if name.startswith("files"):
        early += made
    else:
        late += made
whole = b"".join(texts.values()) + early + body + late
whole += block(tarfile.TarInfo("lxs-end"), hashlib.sha256(whole).hexdigest().encode()) + b"\0" * 1024
open(out, "wb").write(whole)
