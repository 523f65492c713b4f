#!/usr/bin/env python3
"""torn.py FILE COMMAND [ARGUMENTS]...

Runs the command with the file as its input, which fails with EIO after half
of it: it is our memory, and the rest of it is not there.
"""
import ctypes
import mmap
import os
import subprocess
import sys

data = open(sys.argv[1], "rb").read()
half = len(data) // 2 // mmap.PAGESIZE * mmap.PAGESIZE
assert half > 0
memory = mmap.mmap(-1, half + mmap.PAGESIZE)
memory[:half] = data[:half]
start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.munmap(ctypes.c_void_p(start + half), ctypes.c_size_t(mmap.PAGESIZE)) == 0
source = os.open("/proc/self/mem", os.O_RDONLY)
os.lseek(source, start, os.SEEK_SET)
status = subprocess.call(sys.argv[2:], stdin=source)
os._exit(status)
