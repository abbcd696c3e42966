"""Many datagrams a call, over recvmmsg and sendmmsg of 64-bit Linux, in memory laid out once."""

import errno
import socket
import struct
import sys
from collections.abc import Sequence

from cffi import FFI

from server.media.udp import SLOT, SLOTS, Datagram, Slots

SO_TIMESTAMPNS = 35
CONTROL = 32
_ffi = FFI()
_ffi.cdef(
    """
    struct iovec { void *iov_base; size_t iov_len; };
    struct msghdr {
        void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
        void *msg_control; size_t msg_controllen; int msg_flags;
    };
    struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
    int recvmmsg(int fd, struct mmsghdr *vector, unsigned int count, int flags, void *timeout);
    int sendmmsg(int fd, struct mmsghdr *vector, unsigned int count, int flags);
    """
)


def can_batch() -> bool:
    """Whether this system has the calls, and lays their data out as it is done here."""
    return sys.platform == "linux" and struct.calcsize("P") == 8 and hasattr(_ffi.dlopen(None), "sendmmsg")


class _Vector:
    """Message headers over slots: lengths, names and control data as views that need no call into C."""

    def __init__(self, slots: Slots, name: int, control: int) -> None:
        self.headers = _ffi.new("struct mmsghdr[]", SLOTS)
        self._blocks = _ffi.new("struct iovec[]", SLOTS)
        self._names, self._control = _ffi.new("char[]", SLOTS * name), _ffi.new("char[]", SLOTS * CONTROL)
        for index in range(SLOTS):
            block, header = self._blocks[index], self.headers[index].msg_hdr
            block.iov_base, block.iov_len = slots.pointers[index], SLOT
            header.msg_name, header.msg_namelen = self._names + index * name, name
            header.msg_iov, header.msg_iovlen = _ffi.addressof(block), 1
            if control:
                header.msg_control, header.msg_controllen = self._control + index * CONTROL, control
        whole = memoryview(_ffi.buffer(self.headers))
        self.lengths = whole.cast("I")[_ffi.offsetof("struct mmsghdr", "msg_len") // 4 :: whole.nbytes // SLOTS // 4]
        self.sizes = memoryview(_ffi.buffer(self._blocks)).cast("Q")[1::2]
        self.names = _ffi.buffer(self._names)
        instants = memoryview(_ffi.buffer(self._control)).cast("q")
        self.seconds, self.nanoseconds = instants[2 :: CONTROL // 8], instants[3 :: CONTROL // 8]
        self.places = [slice(index * name, index * name + name) for index in range(SLOTS)]


class BatchWire:
    """A ``Wire`` with one call a batch, and the kernel's instants."""

    def __init__(self, made: socket.socket) -> None:
        made.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket = made
        self._calls = _ffi.dlopen(None)
        self.descriptor, self.port = made.fileno(), int(made.getsockname()[1])
        self.inbox, self.outbox = Slots(), Slots()
        name = 28 if made.family is socket.AF_INET6 else 16
        self._in, self._out = _Vector(self.inbox, name, CONTROL), _Vector(self.outbox, name, 0)

    def receive(self) -> Sequence[Datagram]:
        """See Wire."""
        vector = self._in
        count = self._calls.recvmmsg(self.descriptor, vector.headers, SLOTS, socket.MSG_DONTWAIT, _ffi.NULL)
        lengths, names = vector.lengths[: max(count, 0)].tolist(), vector.names
        return [(length, names[place]) for length, place in zip(lengths, vector.places, strict=False)]

    def received_at(self, index: int) -> float:
        """See Wire."""
        return float(self._in.seconds[index] + self._in.nanoseconds[index] / 1e9)

    def send(self, datagrams: Sequence[Datagram]) -> int:
        """See Wire."""
        vector, count = self._out, len(datagrams)
        for index, (length, address) in enumerate(datagrams):
            vector.sizes[index] = length
            vector.names[vector.places[index]] = address
        sent = failed = 0
        while sent + failed < count:
            at = sent + failed
            done = self._calls.sendmmsg(self.descriptor, vector.headers + at, count - at, 0)
            if done < 0 and _ffi.errno in {errno.EAGAIN, errno.ENOBUFS}:
                return failed + count - at
            sent, failed = sent + max(done, 0), failed + (done < 0)
        return failed

    def close(self) -> None:
        """See Wire."""
        self._socket.close()
