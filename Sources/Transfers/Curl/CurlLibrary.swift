import CCurl
import Platform

/// The functions of libcurl that are used here; its shared library is opened when something is first fetched.
///
/// Source: curl.se/libcurl/c.
struct CurlLibrary: Sendable {
    typealias Handle = UnsafeMutableRawPointer
    typealias Text = UnsafePointer<CChar>

    /// Variadic ones, called through CCurl.
    let setOption: Function
    let getInfo: Function
    let setMultiOption: Function

    let makeEasy: @convention(c) () -> Handle?
    let resetEasy: @convention(c) (Handle) -> Void
    let freeEasy: @convention(c) (Handle) -> Void
    let explain: @convention(c) (CInt) -> Text?

    let makeMulti: @convention(c) () -> Handle?
    let freeMulti: @convention(c) (Handle) -> CInt
    let add: @convention(c) (Handle, Handle) -> CInt
    let remove: @convention(c) (Handle, Handle) -> CInt
    let perform: @convention(c) (Handle, UnsafeMutablePointer<CInt>) -> CInt
    let poll: @convention(c) (Handle, Handle?, CUnsignedInt, CInt, UnsafeMutablePointer<CInt>?) -> CInt
    let nextMessage: @convention(c) (Handle, UnsafeMutablePointer<CInt>) -> Handle?

    let appendToList: @convention(c) (Handle?, Text) -> Handle?
    let freeList: @convention(c) (Handle?) -> Void

    let makeURL: @convention(c) () -> Handle?
    let freeURL: @convention(c) (Handle) -> Void
    let setURLPart: @convention(c) (Handle, CInt, Text?, CUnsignedInt) -> CInt
    let getURLPart:
        @convention(c) (Handle, CInt, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>, CUnsignedInt) ->
            CInt
    let free: @convention(c) (UnsafeMutableRawPointer?) -> Void

    /// A function whose type only C can say.
    struct Function: @unchecked Sendable { let pointer: UnsafeMutableRawPointer }

    /// What is installed; the same answer every time.
    static let shared: Result<CurlLibrary, DynamicLibraryError> = Result { () throws(DynamicLibraryError) in
        try CurlLibrary(DynamicLibrary(.curl))
    }

    private init(_ library: DynamicLibrary) throws(DynamicLibraryError) {
        func variadic(_ name: String) throws(DynamicLibraryError) -> Function {
            Function(pointer: try library.function(name, as: UnsafeMutableRawPointer.self))
        }
        func take<T>(_ name: String, as type: T.Type = T.self) throws(DynamicLibraryError) -> T {
            try library.function(name, as: type)
        }
        setOption = try variadic("curl_easy_setopt")
        getInfo = try variadic("curl_easy_getinfo")
        setMultiOption = try variadic("curl_multi_setopt")
        makeEasy = try take("curl_easy_init")
        resetEasy = try take("curl_easy_reset")
        freeEasy = try take("curl_easy_cleanup")
        explain = try take("curl_easy_strerror")
        makeMulti = try take("curl_multi_init")
        freeMulti = try take("curl_multi_cleanup")
        add = try take("curl_multi_add_handle")
        remove = try take("curl_multi_remove_handle")
        perform = try take("curl_multi_perform")
        poll = try take("curl_multi_poll")
        nextMessage = try take("curl_multi_info_read")
        appendToList = try take("curl_slist_append")
        freeList = try take("curl_slist_free_all")
        makeURL = try take("curl_url")
        freeURL = try take("curl_url_cleanup")
        setURLPart = try take("curl_url_set")
        getURLPart = try take("curl_url_get")
        free = try take("curl_free")
        // CURL_GLOBAL_DEFAULT; once in a process, which this initializer is.
        let start = try take("curl_global_init", as: (@convention(c) (CLong) -> CInt).self)
        _ = start(3)
    }

    /// Libcurl is taken, or why there is none is said.
    static func get() throws(TransferError) -> CurlLibrary {
        do throws(DynamicLibraryError) {
            return try shared.get()
        } catch {
            throw .library(error)
        }
    }
}
