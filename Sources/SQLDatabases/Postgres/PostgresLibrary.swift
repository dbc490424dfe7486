import Platform

/// The functions of libpq that are used here; its shared library is opened when a PostgreSQL server is first asked.
///
/// Source: postgresql.org/docs, "libpq — C Library".
struct PostgresLibrary: Sendable {
    typealias Connection = OpaquePointer
    typealias Result = OpaquePointer
    typealias Text = UnsafePointer<CChar>
    typealias Texts = UnsafePointer<Text?>

    let connect: @convention(c) (Texts, Texts, CInt) -> Connection?
    let ping: @convention(c) (Texts, Texts, CInt) -> CInt
    let finish: @convention(c) (Connection) -> Void
    let status: @convention(c) (Connection) -> CInt
    let errorText: @convention(c) (Connection) -> Text
    let needsPassword: @convention(c) (Connection) -> CInt
    let ignoreNotices:
        @convention(c) (
            Connection, @convention(c) (UnsafeMutableRawPointer?, Text?) -> Void, UnsafeMutableRawPointer?
        ) -> OpaquePointer?
    /// What is sent has its results by `nextResult`.
    let send: @convention(c) (Connection, Text) -> CInt
    let sendValues:
        @convention(c) (
            Connection, Text, CInt, UnsafePointer<UInt32>?, Texts?, UnsafePointer<CInt>?,
            UnsafePointer<CInt>?, CInt
        ) -> CInt
    /// Rows come one by one from here on, each as a result of its own.
    let giveSingleRows: @convention(c) (Connection) -> CInt
    /// Nil when no more come.
    let nextResult: @convention(c) (Connection) -> Result?
    let sendPrepare: @convention(c) (Connection, Text, Text, CInt, UnsafePointer<UInt32>?) -> CInt
    let sendDescribe: @convention(c) (Connection, Text) -> CInt
    /// Whether `nextResult` would wait.
    let isBusy: @convention(c) (Connection) -> CInt
    let takeInput: @convention(c) (Connection) -> CInt
    let descriptor: @convention(c) (Connection) -> CInt
    /// An array of `PostgresOption` that ends with one without a keyword.
    let defaults: @convention(c) () -> UnsafeMutableRawPointer?
    let freeOptions: @convention(c) (UnsafeMutableRawPointer) -> Void

    let resultStatus: @convention(c) (Result?) -> CInt
    let resultField: @convention(c) (Result?, CInt) -> Text?
    let rowCount: @convention(c) (Result) -> CInt
    let columnCount: @convention(c) (Result) -> CInt
    let columnName: @convention(c) (Result, CInt) -> Text?
    let columnType: @convention(c) (Result, CInt) -> UInt32
    let value: @convention(c) (Result, CInt, CInt) -> UnsafeRawPointer
    let length: @convention(c) (Result, CInt, CInt) -> CInt
    let isNull: @convention(c) (Result, CInt, CInt) -> CInt
    let placeholderCount: @convention(c) (Result) -> CInt
    let placeholderType: @convention(c) (Result, CInt) -> UInt32
    let clear: @convention(c) (Result?) -> Void

    /// The status PGRES_SINGLE_TUPLE.
    static let singleRow: CInt = 9

    /// What is installed; the same answer every time.
    static let shared = DynamicLibrary.table(.postgres, prefix: "PQ", PostgresLibrary.init)

    private init(_ find: DynamicLibrary.Functions) throws(DynamicLibraryError) {
        connect = try find("connectdbParams")
        ping = try find("pingParams")
        finish = try find("finish")
        status = try find("status")
        errorText = try find("errorMessage")
        needsPassword = try find("connectionNeedsPassword")
        ignoreNotices = try find("setNoticeProcessor")
        send = try find("sendQuery")
        sendValues = try find("sendQueryParams")
        giveSingleRows = try find("setSingleRowMode")
        nextResult = try find("getResult")
        sendPrepare = try find("sendPrepare")
        sendDescribe = try find("sendDescribePrepared")
        isBusy = try find("isBusy")
        takeInput = try find("consumeInput")
        descriptor = try find("socket")
        defaults = try find("conndefaults")
        freeOptions = try find("conninfoFree")
        resultStatus = try find("resultStatus")
        resultField = try find("resultErrorField")
        rowCount = try find("ntuples")
        columnCount = try find("nfields")
        columnName = try find("fname")
        columnType = try find("ftype")
        value = try find("getvalue")
        length = try find("getlength")
        isNull = try find("getisnull")
        placeholderCount = try find("nparams")
        placeholderType = try find("paramtype")
        clear = try find("clear")
    }
}

/// PQconninfoOption (libpq-fe.h).
struct PostgresOption {
    var keyword: UnsafePointer<CChar>?
    var variable: UnsafePointer<CChar>?
    var compiled: UnsafePointer<CChar>?
    var value: UnsafePointer<CChar>?
    var label: UnsafePointer<CChar>?
    var shown: UnsafePointer<CChar>?
    var width: CInt
}
