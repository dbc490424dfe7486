/// A connection to one database, which gives the rows of one statement at a time and never changes anything there.
protocol SQLSession: AnyObject {
    var dialect: SQLDialect { get }
    /// What a statement would give; it is not run.
    func columns(of statement: SQLStatement) throws(SQLError) -> [SQLColumn]
    /// In the key's order; none where the table has none, as a view.
    func primaryKey(of table: [String]) throws(SQLError) -> [String]
    /// Runs a statement; its rows come by `fetch`.
    ///
    /// - Parameter columns: What `columns(of:)` said of them.
    /// - Returns: The columns as the rows have them: a type may depend on a value, which is not known before. Where they
    ///   are others than those given, the statement must be opened with them before rows are fetched.
    /// - Throws: `SQLError.columnsChanged` where their names or their number are others.
    func open(_ statement: SQLStatement, _ columns: [SQLColumn]) throws(SQLError) -> [SQLColumn]
    /// Appends rows to a batch of the columns that were given to `open`: about so many, and fewer where they are large.
    ///
    /// - Returns: False when no more come.
    func fetch(_ rows: Int, into batch: inout RowBatch) throws(SQLError) -> Bool
    func close()
}
