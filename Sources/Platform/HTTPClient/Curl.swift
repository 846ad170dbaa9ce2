// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

internal import CCurl

/// Whoever hears what a transfer brings, while the library works: nothing of the library may be
/// called from there but for other transfers to be made.
protocol CurlReceiver: AnyObject {
    /// One line of a head; `status` where it is the last of the final one. False ends the transfer.
    func receive(headOctets: Int, status: Int?) -> Bool
    /// A piece of the content. False ends the transfer.
    func receive(_ content: [UInt8]) -> Bool
}

/// One transfer of libcurl, configured from a plan.
@safe
final class CurlEasy {
    fileprivate let handle: UnsafeMutableRawPointer
    private let words: UnsafeMutablePointer<CChar>
    private var lists: [UnsafeMutablePointer<curl_slist>] = unsafe []
    private unowned let receiver: any CurlReceiver
    private let proxySecret: String?
    private let proxyName: String?

    /// 0 where the library is there.
    private static let start = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private static let noMemory = HTTPFailure(kind: .other, message: "libcurl has no memory")

    /// Neither keeps nor calls the receiver before it is added to a multi.
    init(_ plan: RequestPlan, _ receiver: any CurlReceiver) throws(HTTPFailure) {
        guard Self.start == CURLE_OK, let handle = unsafe curl_easy_init() else {
            throw Self.noMemory
        }
        unsafe self.handle = handle
        unsafe words = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        self.receiver = receiver
        proxySecret = plan.proxySecret
        proxyName = plan.proxyName
        try setConnection(plan)
        try setTrust(plan.target)
        try setProxy(plan)
        try setRequest(plan)
        try setCallbacks()
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        for index in unsafe lists.indices { unsafe curl_slist_free_all(lists[index]) }
        unsafe words.deallocate()
    }

    /// What it is known by while it exists.
    var identity: UInt { unsafe UInt(bitPattern: handle) }

    // MARK: Options

    private func check(
        _ code: CURLcode, _ kind: HTTPFailure.Kind = .other
    ) throws(HTTPFailure) {
        guard code != CURLE_OK else { return }
        throw HTTPFailure(kind: kind, message: Self.words(for: code))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPFailure) {
        unsafe try check(ccurl_set_long(handle, option, value))
    }

    private func set(_ option: CURLoption, _ text: String?) throws(HTTPFailure) {
        unsafe try check(ccurl_set_text(handle, option, text))
    }

    private func set(_ option: CURLoption, _ lines: [String]) throws(HTTPFailure) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = unsafe curl_slist_append(list, line) else {
                unsafe curl_slist_free_all(list)
                throw Self.noMemory
            }
            unsafe list = longer
        }
        guard let list = unsafe list else { return }
        unsafe lists.append(list)
        unsafe try check(ccurl_set_list(handle, option, list))
    }

    private func set(_ option: CURLoption, _ octets: [UInt8]) throws(HTTPFailure) {
        let code = unsafe octets.withUnsafeBytes { octets in
            unsafe ccurl_set_blob(handle, option, octets.baseAddress, octets.count)
        }
        // The library takes an empty one and then goes without.
        try check(octets.isEmpty ? CURLE_SSL_CERTPROBLEM : code, .certificate)
    }

    private static let connectMilliseconds = 10_000
    /// A silent peer is asked after 15 s and then every 5 s, and given up after 25 s, whether data
    /// is under way or not (docs/decisions/0006-libcurl.md).
    private static let keepIdleSeconds = 15
    private static let keepIntervalSeconds = 5
    private static let userTimeoutMilliseconds: UInt32 = 25_000

    private func setConnection(_ plan: RequestPlan) throws(HTTPFailure) {
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_NOSIGNAL, 1)
        // Otherwise the end of a transfer waits for its name lookup, and the queue with it.
        try set(CURLOPT_QUICK_EXIT, 1)
        try setVersion(isEncrypted: plan.isEncrypted)
        try set(CURLOPT_CONNECTTIMEOUT_MS, Self.connectMilliseconds)
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_TCP_KEEPIDLE, Self.keepIdleSeconds)
        try set(CURLOPT_TCP_KEEPINTVL, Self.keepIntervalSeconds)
        unsafe try check(ccurl_set_user_timeout(handle, Self.userTimeoutMilliseconds))
        if let entry = plan.connectTo { try set(CURLOPT_CONNECT_TO, [entry]) }
        if let entry = plan.resolve { try set(CURLOPT_RESOLVE, [entry]) }
    }

    /// HTTP/2, with requests that wait for a connection that is being made, to share it.
    ///
    /// Without encryption nothing tells that it cannot be shared, and they would wait for the end
    /// of the first.
    private func setVersion(isEncrypted: Bool) throws(HTTPFailure) {
        guard isEncrypted else {
            return try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        }
        try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try set(CURLOPT_PIPEWAIT, 1)
    }

    private func setTrust(_ target: HTTPTarget) throws(HTTPFailure) {
        if target.skipsVerification {
            try set(CURLOPT_SSL_VERIFYPEER, 0)
            try set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        if let authorities = target.authorities {
            try set(CURLOPT_CAINFO_BLOB, authorities)
            // The system's folder of authorities would still be trusted beside the blob.
            try set(CURLOPT_CAPATH, nil)
        }
        if let certificate = target.certificate {
            try set(CURLOPT_SSLCERTTYPE, "PEM")
            try set(CURLOPT_SSLCERT_BLOB, certificate)
        }
        if let key = target.key {
            try set(CURLOPT_SSLKEYTYPE, "PEM")
            try set(CURLOPT_SSLKEY_BLOB, key)
        }
    }

    /// An empty text keeps the environment's proxies, and its exceptions from ours, out.
    private func setProxy(_ plan: RequestPlan) throws(HTTPFailure) {
        try set(CURLOPT_PROXY, plan.proxy)
        try set(CURLOPT_NOPROXY, "")
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        guard plan.proxy.hasPrefix("https:") else { return }
        if plan.target.skipsVerification {
            try set(CURLOPT_PROXY_SSL_VERIFYPEER, 0)
            try set(CURLOPT_PROXY_SSL_VERIFYHOST, 0)
        }
        if let authorities = plan.target.authorities {
            try set(CURLOPT_PROXY_CAINFO_BLOB, authorities)
            try set(CURLOPT_PROXY_CAPATH, nil)
        }
    }

    private func setRequest(_ plan: RequestPlan) throws(HTTPFailure) {
        try set(CURLOPT_URL, plan.url)
        try set(CURLOPT_USERAGENT, plan.userAgent)
        try set(CURLOPT_HTTPHEADER, plan.headerLines)
        if plan.acceptsGzip { try set(CURLOPT_ACCEPT_ENCODING, "gzip") }
        if let milliseconds = plan.timeoutMilliseconds {
            try set(CURLOPT_TIMEOUT_MS, min(max(1, milliseconds), Int(Int32.max)))
        }
        if let content = plan.content {
            let code = unsafe content.withUnsafeBytes { octets in
                // No address stands for "ask a callback".
                unsafe ccurl_set_content(handle, octets.baseAddress ?? noOctets, octets.count)
            }
            try check(code)
        }
        switch plan.method {
        case "GET" where plan.content == nil: break
        case "HEAD" where plan.content == nil: try set(CURLOPT_NOBODY, 1)
        default: try set(CURLOPT_CUSTOMREQUEST, plan.method)
        }
    }

    private var noOctets: UnsafeRawPointer { unsafe UnsafeRawPointer(words) }

    private func setCallbacks() throws(HTTPFailure) {
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe try check(ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, words))
        unsafe try check(ccurl_set_pointer(handle, CURLOPT_WRITEDATA, context))
        unsafe try check(ccurl_set_pointer(handle, CURLOPT_HEADERDATA, context))
        // Premise: the library calls them only while the transfer is in a multi, and its owner
        // keeps it that long.
        let content = unsafe ccurl_set_content_function(handle) { octets, _, count, context in
            guard let context = unsafe context else { return ccurl_refused() }
            let easy = unsafe Unmanaged<CurlEasy>.fromOpaque(context).takeUnretainedValue()
            let piece = unsafe [UInt8](UnsafeRawBufferPointer(start: octets, count: count))
            return easy.receiver.receive(piece) ? count : ccurl_refused()
        }
        try check(content)
        let head = unsafe ccurl_set_head_function(handle) { octets, _, count, context in
            guard let context = unsafe context else { return ccurl_refused() }
            let easy = unsafe Unmanaged<CurlEasy>.fromOpaque(context).takeUnretainedValue()
            let isLast = unsafe octets?.pointee == 0x0D || octets?.pointee == 0x0A
            let status = isLast ? easy.number(CURLINFO_RESPONSE_CODE) : 0
            let isTaken = easy.receiver.receive(
                headOctets: count, status: status >= 200 ? status : nil)
            return isTaken ? count : ccurl_refused()
        }
        try check(head)
    }

    // MARK: Results

    private func number(_ info: CURLINFO) -> Int { unsafe ccurl_get_long(handle, info) }
    private func offset(_ info: CURLINFO) -> Int { unsafe ccurl_get_offset(handle, info) }

    /// How it ended, once the multi has said so.
    func outcome(_ code: Int32, status: Int, wasStopped: Bool) -> HTTPOutcome {
        let type = unsafe ccurl_get_text(handle, CURLINFO_CONTENT_TYPE)
        let retryAfter = offset(CURLINFO_RETRY_AFTER)
        return HTTPOutcome(
            status: status, contentType: unsafe type.map { unsafe String(cString: $0) },
            retryAfterSeconds: retryAfter > 0 ? retryAfter : nil,
            failure: failure(CURLcode(rawValue: UInt32(bitPattern: code)), wasStopped),
            isHTTP2: number(CURLINFO_HTTP_VERSION) == Int(CURL_HTTP_VERSION_2_0),
            wireOctets: offset(CURLINFO_SIZE_DOWNLOAD_T))
    }

    private func failure(_ code: CURLcode, _ wasStopped: Bool) -> HTTPFailure? {
        guard code != CURLE_OK else { return nil }
        if wasStopped {
            return HTTPFailure(kind: .tooLarge, message: "the receiver takes no more")
        }
        let detail = unsafe String(cString: words)
        let mayBeTold = !detail.isEmpty && !(proxySecret.map { detail.contains($0) } ?? false)
        // The library does not say whose port, name or certificate it was, the proxy's or not.
        let way = proxyName.map { "through the proxy \($0): " } ?? ""
        return HTTPFailure(
            kind: kind(code, detail), message: way + (mayBeTold ? detail : Self.words(for: code)))
    }

    private func kind(_ code: CURLcode, _ detail: String) -> HTTPFailure.Kind {
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY,
            CURLE_PROXY:
            return .cannotConnect
        case CURLE_OPERATION_TIMEDOUT:
            return .timeout
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            return .certificate
        case CURLE_SSL_CONNECT_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
            CURLE_HTTP2, CURLE_HTTP2_STREAM, CURLE_PARTIAL_FILE:
            // What a server thinks of our certificate comes as an alert, in TLS 1.3 after the
            // handshake.
            let isAlert = detail.contains(" alert ")
            if isAlert, detail.contains("certificate") || detail.contains("unknown ca") {
                return .certificate
            }
            let hasAsked = offset(CURLINFO_PRETRANSFER_TIME_T) > 0
            return hasAsked ? .cut : .cannotConnect
        default:
            return .other
        }
    }

    fileprivate static func words(for code: CURLcode) -> String {
        guard let text = unsafe curl_easy_strerror(code) else { return "error \(code.rawValue)" }
        return unsafe String(cString: text)
    }
}

/// What a multi needs from its owner, asked for while the library works.
protocol CurlLoop: AnyObject {
    /// Watches the socket for what is named, or no more; false where that is impossible.
    func watch(_ socket: Int32, forReading: Bool, forWriting: Bool) -> Bool
    func forget(_ socket: Int32)
    /// Calls `actOnTime` after so many milliseconds; nil: not at all.
    func callAfter(_ milliseconds: Int?)
}

/// A set of transfers that share connections.
@safe
final class CurlMulti {
    private let handle: UnsafeMutableRawPointer
    private unowned let loop: any CurlLoop

    /// Nil when there is no memory.
    init?(maximumConnections: Int, loop: any CurlLoop) {
        guard let handle = unsafe curl_multi_init() else { return nil }
        unsafe self.handle = handle
        self.loop = loop
        unsafe ccurl_multi_set_long(handle, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        unsafe ccurl_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, maximumConnections)
        // Premise: the library calls them only within the functions below.
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe ccurl_multi_call(
            handle, context,
            { _, socket, wanted, context, _ in
                guard let context = unsafe context else { return -1 }
                let multi = unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
                return multi.watch(socket, wanted) ? 0 : -1
            },
            { _, milliseconds, context in
                guard let context = unsafe context else { return -1 }
                let multi = unsafe Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
                multi.loop.callAfter(milliseconds < 0 ? nil : milliseconds)
                return 0
            })
    }

    /// Closes the connections; the owner has removed all transfers and forgotten all sockets.
    deinit {
        unsafe ccurl_multi_call(handle, nil, nil, nil)
        unsafe curl_multi_cleanup(handle)
    }

    private func watch(_ socket: Int32, _ wanted: Int32) -> Bool {
        guard wanted != CURL_POLL_REMOVE else {
            loop.forget(socket)
            return true
        }
        return loop.watch(
            socket, forReading: wanted & CURL_POLL_IN != 0,
            forWriting: wanted & CURL_POLL_OUT != 0)
    }

    func add(_ easy: CurlEasy) -> Bool {
        unsafe curl_multi_add_handle(handle, easy.handle) == CURLM_OK
    }

    func remove(_ easy: CurlEasy) { unsafe curl_multi_remove_handle(handle, easy.handle) }

    /// Goes on with what waits for the socket; false where the multi is of no use any more.
    func act(on socket: Int32, canRead: Bool, canWrite: Bool, isBroken: Bool) -> Bool {
        let readiness =
            (canRead ? CURL_CSELECT_IN : 0) | (canWrite ? CURL_CSELECT_OUT : 0)
            | (isBroken ? CURL_CSELECT_ERR : 0)
        return act(socket, readiness)
    }

    /// Goes on with what waits for the time.
    func actOnTime() -> Bool { act(ccurl_no_socket(), 0) }

    private func act(_ socket: Int32, _ readiness: Int32) -> Bool {
        var running: Int32 = 0
        return unsafe curl_multi_socket_action(handle, socket, readiness, &running) == CURLM_OK
    }

    /// A transfer that has ended, by its identity, and the library's code; to be removed.
    func nextEnded() -> (identity: UInt, code: Int32)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
            let code = unsafe ccurl_message_result(message)
            return unsafe (
                UInt(bitPattern: message.pointee.easy_handle), Int32(bitPattern: code.rawValue)
            )
        }
        return nil
    }
}
