// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CLinux
internal import Glibc

/// The memory of one batch of datagrams, shared by the UDP sockets of a worker, which use it one
/// after the other.
@safe
final class DatagramBatch {
    /// Twice as many cost the same (docs/decisions/0003-busy-sockets.md); fewer answer sooner.
    static let count = 16
    /// Octets taken of a datagram; a query is never longer.
    static let receiveOctets = 1232
    /// 21 cache lines: no power of two, so that the slots do not compete for the same sets of the
    /// cache.
    ///
    /// Leaves room for stores of whole words past the end of a reply.
    static let stride = 1344

    let messages: UnsafeMutablePointer<clinux_mmsghdr>
    let queries: UnsafeMutablePointer<Query>
    private let vectors: UnsafeMutablePointer<iovec>
    /// Of the larger family: the slots lie close together.
    private let addresses: UnsafeMutablePointer<sockaddr_in6>
    private let control: UnsafeMutableRawPointer
    private(set) var countingStart: UInt64 = 0
    private var requestLengths = InlineArray<16, UInt16>(repeating: 0)
    private let octets: UnsafeMutableRawPointer

    init() {
        unsafe messages = .allocate(capacity: Self.count)
        unsafe queries = .allocate(capacity: Self.count)
        unsafe queries.initialize(repeating: Query(), count: Self.count)
        unsafe vectors = .allocate(capacity: Self.count)
        unsafe addresses = .allocate(capacity: Self.count)
        unsafe addresses.initialize(repeating: sockaddr_in6(), count: Self.count)
        unsafe control = Self.zeros(Self.count * Self.controlOctets)
        unsafe octets = Self.zeros(Self.count * Self.stride)
        for index in 0..<Self.count {
            unsafe (vectors + index).initialize(
                to: iovec(iov_base: octets + index * Self.stride, iov_len: Self.receiveOctets))
            var header = unsafe clinux_mmsghdr()
            unsafe header.header.msg_iov = vectors + index
            unsafe header.header.msg_iovlen = 1
            unsafe header.header.msg_name = UnsafeMutableRawPointer(addresses + index)
            unsafe (messages + index).initialize(to: header)
        }
    }

    deinit {
        unsafe messages.deallocate()
        unsafe queries.deallocate()
        unsafe vectors.deallocate()
        unsafe addresses.deallocate()
        unsafe control.deallocate()
        unsafe octets.deallocate()
    }

    private static let controlOctets = Int(CLINUX_CONTROL_OCTETS)

    private static func zeros(_ count: Int) -> UnsafeMutableRawPointer {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        return unsafe memory
    }

    /// Makes every slot ready to receive; with the address that was asked if that is wanted.
    @inline(__always)
    func prepareToReceive(wantsDestination: Bool) {
        for index in 0..<Self.count {
            unsafe vectors[index].iov_len = Self.receiveOctets
            unsafe messages[index].header.msg_namelen =
                socklen_t(MemoryLayout<sockaddr_in6>.size)
            unsafe messages[index].header.msg_control =
                wantsDestination ? control + index &* Self.controlOctets : nil
            unsafe messages[index].header.msg_controllen = wantsDestination ? Self.controlOctets : 0
        }
    }

    /// Remembers when the batch came, and the lengths of datagrams that replies will replace.
    @inline(never)
    func beginCounting(_ count: Int) {
        countingStart = clinux_nanoseconds()
        for index in 0..<count {
            requestLengths[index] = UInt16(truncatingIfNeeded: unsafe messages[index].length)
        }
    }

    func requestLength(_ index: Int) -> Int { Int(requestLengths[index]) }

    /// Of the reply at a position among those to send.
    func replyLength(_ position: Int) -> Int {
        unsafe messages[position].header.msg_iov.pointee.iov_len
    }

    /// The octets of a slot.
    ///
    /// Slots change places when a datagram is dropped, so the message tells where they are.
    @inline(__always)
    func slot(_ index: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(
            start: messages[index].header.msg_iov.pointee.iov_base, count: Self.stride)
    }

    /// Puts the reply of slot `index` at position `position` among those to send.
    @inline(__always)
    func keepReply(_ index: Int, length: Int, at position: Int) {
        unsafe messages[index].header.msg_iov.pointee.iov_len = length
        if position != index { exchange(position, index) }
    }

    private func exchange(_ left: Int, _ right: Int) {
        let message = unsafe messages[left]
        unsafe messages[left] = messages[right]
        unsafe messages[right] = message
    }
}
