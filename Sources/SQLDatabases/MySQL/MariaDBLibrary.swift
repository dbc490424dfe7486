import CMariaDB
import Platform

/// The functions of MariaDB Connector/C that are used here; its shared library is opened when a MySQL or MariaDB server is
/// first asked.
///
/// Source: mariadb.com/docs/connectors/mariadb-connector-c/api-functions.
struct MariaDBLibrary: Sendable {
    typealias Connection = OpaquePointer
    typealias Statement = OpaquePointer
    typealias Result = OpaquePointer
    typealias Field = UnsafePointer<sluice_mysql_field>
    typealias Text = UnsafePointer<CChar>
    typealias Binds = UnsafeMutablePointer<sluice_mysql_bind>
    typealias Attribute =
        @convention(c) (UnsafeMutablePointer<sluice_mariadb_text>, Field, CUnsignedInt) -> CInt

    let initialize: @convention(c) (Connection?) -> Connection?
    let setOption: @convention(c) (Connection, CInt, UnsafeRawPointer?) -> CInt
    let connect:
        @convention(c) (Connection, Text?, Text?, Text?, Text?, CUnsignedInt, Text?, CUnsignedLong) ->
            Connection?
    let close: @convention(c) (Connection) -> Void
    let errorNumber: @convention(c) (Connection) -> CUnsignedInt
    let errorText: @convention(c) (Connection) -> Text
    let query: @convention(c) (Connection, Text, CUnsignedLong) -> CInt
    let descriptor: @convention(c) (Connection) -> CInt
    /// Nil on a connection that is not encrypted.
    let cipher: @convention(c) (Connection) -> Text?

    let makeStatement: @convention(c) (Connection) -> Statement?
    let prepare: @convention(c) (Statement, Text, CUnsignedLong) -> CInt
    let placeholderCount: @convention(c) (Statement) -> CUnsignedLong
    let bindValues: @convention(c) (Statement, Binds) -> CChar
    let execute: @convention(c) (Statement) -> CInt
    let bindResult: @convention(c) (Statement, Binds) -> CChar
    let fetch: @convention(c) (Statement) -> CInt
    let fetchColumn: @convention(c) (Statement, Binds, CUnsignedInt, CUnsignedLong) -> CInt
    let closeStatement: @convention(c) (Statement) -> CChar
    let statementErrorNumber: @convention(c) (Statement) -> CUnsignedInt
    let statementErrorText: @convention(c) (Statement) -> Text

    let columns: @convention(c) (Statement) -> Result?
    let columnCount: @convention(c) (Result) -> CUnsignedInt
    let column: @convention(c) (Result, CUnsignedInt) -> Field
    let free: @convention(c) (Result) -> Void
    /// What MariaDB adds to a column, such as its format, as a start and a length; older libraries lack it.
    let attribute: Attribute?

    /// What is installed; the same answer every time.
    static let shared = DynamicLibrary.table(.mariadb, prefix: "mysql_", MariaDBLibrary.init)

    private init(_ find: DynamicLibrary.Functions) throws(DynamicLibraryError) {
        initialize = try find("init")
        setOption = try find("options")
        connect = try find("real_connect")
        close = try find("close")
        errorNumber = try find("errno")
        errorText = try find("error")
        query = try find("real_query")
        descriptor = try find("get_socket")
        cipher = try find("get_ssl_cipher")
        makeStatement = try find("stmt_init")
        prepare = try find("stmt_prepare")
        placeholderCount = try find("stmt_param_count")
        bindValues = try find("stmt_bind_param")
        execute = try find("stmt_execute")
        bindResult = try find("stmt_bind_result")
        fetch = try find("stmt_fetch")
        fetchColumn = try find("stmt_fetch_column")
        closeStatement = try find("stmt_close")
        statementErrorNumber = try find("stmt_errno")
        statementErrorText = try find("stmt_error")
        columns = try find("stmt_result_metadata")
        columnCount = try find("num_fields")
        column = try find("fetch_field_direct")
        free = try find("free_result")
        attribute = try? find.library.function("mariadb_field_attr", as: Attribute.self)
    }
}

/// Numbers of the options used (enum mysql_option of mysql.h).
enum MariaDBOption {
    static let connectTimeout: CInt = 0
    static let charset: CInt = 7
    static let localFiles: CInt = 8
    static let transport: CInt = 9
    static let readTimeout: CInt = 11
    static let verifyServer: CInt = 21
    static let key: CInt = 25
    static let certificate: CInt = 26
    static let authority: CInt = 27
    static let encrypt: CInt = 38
    static let waysIn: CInt = 7026
}

/// Numbers of column types (enum enum_field_types of mariadb_com.h).
enum MySQLType {
    static let tiny: UInt32 = 1
    static let short: UInt32 = 2
    static let long: UInt32 = 3
    static let float: UInt32 = 4
    static let double: UInt32 = 5
    static let null: UInt32 = 6
    static let timestamp: UInt32 = 7
    static let longLong: UInt32 = 8
    static let medium: UInt32 = 9
    static let date: UInt32 = 10
    static let time: UInt32 = 11
    static let datetime: UInt32 = 12
    static let year: UInt32 = 13
    static let newDate: UInt32 = 14
    static let bit: UInt32 = 16
    static let json: UInt32 = 245
    static let decimals: Set<UInt32> = [0, 246]
    static let integers: Set<UInt32> = [tiny, short, long, medium, longLong, year]
    /// ENUM and SET in results are texts with a flag.
    static let texts: Set<UInt32> = [15, 247, 248, 249, 250, 251, 252, 253, 254]
    static let text: UInt32 = 254
}
