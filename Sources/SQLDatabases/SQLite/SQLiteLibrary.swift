import Platform

/// The functions of SQLite that are used here; its shared library is opened when a SQLite file is first read.
///
/// Source: sqlite.org/c3ref/funclist.html.
struct SQLiteLibrary: Sendable {
    typealias Database = OpaquePointer
    typealias Statement = OpaquePointer
    typealias Text = UnsafePointer<CChar>
    typealias Number = @convention(c) (Statement, CInt) -> CInt
    typealias Bytes = @convention(c) (Statement, CInt) -> UnsafeRawPointer?
    typealias Name = @convention(c) (Statement, CInt) -> Text?

    let open: @convention(c) (Text, UnsafeMutablePointer<Database?>, CInt, Text?) -> CInt
    let close: @convention(c) (Database?) -> CInt
    let execute: @convention(c) (Database, Text, OpaquePointer?, OpaquePointer?, OpaquePointer?) -> CInt
    let errorText: @convention(c) (Database?) -> Text?
    /// Where in the statement, in bytes; -1 for nowhere. Since 3.38.
    let errorOffset: (@convention(c) (Database) -> CInt)?
    let prepare:
        @convention(c) (
            Database, Text, CInt, UnsafeMutablePointer<Statement?>, UnsafeMutablePointer<Text?>?
        ) -> CInt
    let finalize: @convention(c) (Statement?) -> CInt
    let step: @convention(c) (Statement) -> CInt
    let bindNull: Number
    let bindInteger: @convention(c) (Statement, CInt, Int64) -> CInt
    let bindNumber: @convention(c) (Statement, CInt, Double) -> CInt
    let bindText: @convention(c) (Statement, CInt, Text, CInt, UnsafeRawPointer?) -> CInt
    let placeholderCount: @convention(c) (Statement) -> CInt
    let columnCount: @convention(c) (Statement) -> CInt
    let columnName: Name
    let columnDeclaration: Name
    let columnType: Number
    let integer: @convention(c) (Statement, CInt) -> Int64
    let number: @convention(c) (Statement, CInt) -> Double
    let text: Bytes
    let length: Number

    /// What is installed; the same answer every time.
    static let shared = DynamicLibrary.table(.sqlite, prefix: "sqlite3_", SQLiteLibrary.init)

    private init(_ find: DynamicLibrary.Functions) throws(DynamicLibraryError) {
        open = try find("open_v2")
        close = try find("close_v2")
        execute = try find("exec")
        errorText = try find("errmsg")
        errorOffset = try? find("error_offset")
        prepare = try find("prepare_v2")
        finalize = try find("finalize")
        step = try find("step")
        bindNull = try find("bind_null")
        bindInteger = try find("bind_int64")
        bindNumber = try find("bind_double")
        bindText = try find("bind_text")
        placeholderCount = try find("bind_parameter_count")
        columnCount = try find("column_count")
        columnName = try find("column_name")
        columnDeclaration = try find("column_decltype")
        columnType = try find("column_type")
        integer = try find("column_int64")
        number = try find("column_double")
        text = try find("column_text")
        length = try find("column_bytes")
    }
}

/// Storage classes (SQLITE_INTEGER and so on, sqlite.org/c3ref/c_blob.html).
enum SQLiteStorage {
    static let integer: CInt = 1
    static let real: CInt = 2
    static let text: CInt = 3
    static let blob: CInt = 4
    static let null: CInt = 5
}
