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
    let usedPassword: @convention(c) (Connection) -> CInt
    let ignoreNotices:
        @convention(c) (
            Connection, @convention(c) (UnsafeMutableRawPointer?, Text?) -> Void, UnsafeMutableRawPointer?
        ) -> OpaquePointer?
    let execute: @convention(c) (Connection, Text) -> Result?
    let executeValues:
        @convention(c) (
            Connection, Text, CInt, UnsafePointer<UInt32>?, Texts?, UnsafePointer<CInt>?,
            UnsafePointer<CInt>?, CInt
        ) -> Result?
    let sendValues:
        @convention(c) (
            Connection, Text, CInt, UnsafePointer<UInt32>?, Texts?, UnsafePointer<CInt>?,
            UnsafePointer<CInt>?, CInt
        ) -> CInt
    /// Rows come one by one from here on, each as a result of its own.
    let giveSingleRows: @convention(c) (Connection) -> CInt
    /// Nil when no more come.
    let nextResult: @convention(c) (Connection) -> Result?
    let prepare: @convention(c) (Connection, Text, Text, CInt, UnsafePointer<UInt32>?) -> Result?
    let describe: @convention(c) (Connection, Text) -> Result?
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
    static let shared: Swift.Result<PostgresLibrary, DynamicLibraryError> = Swift.Result {
        () throws(DynamicLibraryError) in
        try PostgresLibrary(DynamicLibrary(.postgres))
    }

    private init(_ library: DynamicLibrary) throws(DynamicLibraryError) {
        func find<Function>(
            _ name: String, _ type: Function.Type = Function.self
        ) throws(DynamicLibraryError)
            -> Function
        {
            try library.function("PQ" + name, as: type)
        }
        connect = try find("connectdbParams")
        ping = try find("pingParams")
        finish = try find("finish")
        status = try find("status")
        errorText = try find("errorMessage")
        needsPassword = try find("connectionNeedsPassword")
        usedPassword = try find("connectionUsedPassword")
        ignoreNotices = try find("setNoticeProcessor")
        execute = try find("exec")
        executeValues = try find("execParams")
        sendValues = try find("sendQueryParams")
        giveSingleRows = try find("setSingleRowMode")
        nextResult = try find("getResult")
        prepare = try find("prepare")
        describe = try find("describePrepared")
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
