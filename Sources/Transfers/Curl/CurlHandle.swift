import CCurl

/// One of libcurl's easy handles, used for one exchange after another.
final class CurlHandle {
    let library: CurlLibrary
    let pointer: CurlLibrary.Handle
    private var fields: CurlLibrary.Handle?
    private let detail: UnsafeMutablePointer<CChar>

    /// CURLOPT_...
    private enum Option {
        static let writeData: CInt = 10_001
        static let url: CInt = 10_002
        static let proxy: CInt = 10_004
        static let errorBuffer: CInt = 10_010
        static let userAgent: CInt = 10_018
        static let headerFields: CInt = 10_023
        static let headerData: CInt = 10_029
        static let authorities: CInt = 10_065
        static let username: CInt = 10_173
        static let password: CInt = 10_174
        static let withoutProxy: CInt = 10_177
        static let signature: CInt = 10_305
        static let writeFunction: CInt = 20_011
        static let headerFunction: CInt = 20_079
        static let lowSpeedLimit: CInt = 19
        static let lowSpeedTime: CInt = 20
        static let withoutBody: CInt = 44
        static let bufferSize: CInt = 98
        static let withoutSignals: CInt = 99
        static let connectTimeout: CInt = 156
        /// The newer option takes names, and older libraries do not have it.
        static let protocols: CInt = 181
        static let pathAsIs: CInt = 234
        static let withoutConnectHeaders: CInt = 265
    }

    init(_ library: CurlLibrary) throws(TransferError) {
        guard let pointer = library.makeEasy() else { throw .file("out of memory") }
        self.library = library
        self.pointer = pointer
        detail = .allocate(capacity: 256)
        detail.initialize(repeating: 0, count: 256)
    }

    deinit {
        library.freeEasy(pointer)
        library.freeList(fields)
        detail.deallocate()
    }

    /// Says what to ask for, and where what comes goes.
    ///
    /// - Parameter context: Given to both sinks; lives until the exchange has ended.
    func prepare(
        _ request: HTTPRequest, _ settings: TransferSettings, head: SluiceCurlSink, body: SluiceCurlSink,
        context: UnsafeMutableRawPointer
    ) {
        library.resetEasy(pointer)
        detail[0] = 0
        set(Option.errorBuffer, UnsafeRawPointer(detail))
        set(Option.withoutSignals, 1)
        // CURLPROTO_HTTP, CURLPROTO_HTTPS. Redirects are not libcurl's to follow: it would send other fields than
        // Authorization and Cookie to any host.
        set(Option.protocols, 1 | 2)
        set(Option.pathAsIs, 1)
        set(Option.withoutConnectHeaders, 1)
        set(Option.bufferSize, 1 << 18)
        set(Option.connectTimeout, Int((settings.connectSeconds * 1000).rounded(.up)))
        set(Option.lowSpeedLimit, 1)
        set(Option.lowSpeedTime, settings.stallSeconds)
        set(Option.userAgent, "sluice")
        set(Option.url, request.address.text)
        set(Option.proxy, settings.proxies.proxy(scheme: request.address.scheme))
        set(Option.withoutProxy, settings.proxies.except)
        if let authorities = settings.authorities { set(Option.authorities, authorities) }
        if request.method == .head { set(Option.withoutBody, 1) }
        set(fields: request.fields)
        if let signature = request.signature {
            set(Option.signature, "aws:amz:\(signature.region):s3")
            set(Option.username, signature.keyID)
            set(Option.password, signature.secret)
        }
        let function = library.setOption.pointer
        _ = sluice_curl_set_sink(function, pointer, Option.headerFunction, head)
        _ = sluice_curl_set_sink(function, pointer, Option.writeFunction, body)
        set(Option.headerData, UnsafeRawPointer(context))
        set(Option.writeData, UnsafeRawPointer(context))
    }

    /// Where an answer says to ask in its place, in full.
    var redirection: String? {
        sluice_curl_text(library.getInfo.pointer, pointer, 0x100000 + 31).map { String(cString: $0) }
    }

    /// Seconds that the server asks to wait; 0 where it does not.
    var retryAfter: Double { Double(sluice_curl_size(library.getInfo.pointer, pointer, 0x600000 + 57)) }

    func failure(_ code: CInt, progress: String?, _ settings: TransferSettings) -> CurlFailure {
        CurlFailure(
            code: code, detail: String(cString: detail),
            explained: library.explain(code).map { String(cString: $0) } ?? "unknown error",
            progress: progress,
            settings: settings)
    }

    private func set(fields wanted: [HTTPField]) {
        library.freeList(fields)
        fields = nil
        for field in wanted {
            if let longer = library.appendToList(fields, "\(field.name): \(field.value)") { fields = longer }
        }
        set(Option.headerFields, fields.map { UnsafeRawPointer($0) })
    }

    private func set(_ option: CInt, _ value: Int) {
        _ = sluice_curl_set_number(library.setOption.pointer, pointer, option, value)
    }

    /// Texts are copied by libcurl.
    private func set(_ option: CInt, _ value: String) {
        _ = value.withCString { sluice_curl_set_pointer(library.setOption.pointer, pointer, option, $0) }
    }

    private func set(_ option: CInt, _ value: UnsafeRawPointer?) {
        _ = sluice_curl_set_pointer(library.setOption.pointer, pointer, option, value)
    }
}
