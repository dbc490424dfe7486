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
    static let shared = DynamicLibrary.table(.curl, prefix: "curl_", CurlLibrary.init)

    private init(_ find: DynamicLibrary.Functions) throws(DynamicLibraryError) {
        func variadic(_ name: String) throws(DynamicLibraryError) -> Function {
            Function(pointer: try find(name))
        }
        setOption = try variadic("easy_setopt")
        getInfo = try variadic("easy_getinfo")
        setMultiOption = try variadic("multi_setopt")
        makeEasy = try find("easy_init")
        resetEasy = try find("easy_reset")
        freeEasy = try find("easy_cleanup")
        explain = try find("easy_strerror")
        makeMulti = try find("multi_init")
        freeMulti = try find("multi_cleanup")
        add = try find("multi_add_handle")
        remove = try find("multi_remove_handle")
        perform = try find("multi_perform")
        poll = try find("multi_poll")
        nextMessage = try find("multi_info_read")
        appendToList = try find("slist_append")
        freeList = try find("slist_free_all")
        makeURL = try find("url")
        freeURL = try find("url_cleanup")
        setURLPart = try find("url_set")
        getURLPart = try find("url_get")
        free = try find("free")
        // CURL_GLOBAL_DEFAULT; once in a process, which this initializer is.
        let start = try find("global_init", as: (@convention(c) (CLong) -> CInt).self)
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
