import TableTypes

/// What a column of SQLite is to be read as. Its values may be of any storage class whatever its declaration says, so a
/// declaration is a promise that rows are held to, and without one the values decide.
enum SQLiteAffinity {
    /// The type that a declaration promises; nil for one that promises none.
    ///
    /// Source: sqlite.org/datatype3.html, "3.1 Determination Of Column Affinity", and 2.2 for dates; names that other
    /// databases use for booleans and JSON mean them here too.
    static func type(_ declaration: String?) -> ColumnType? {
        guard let declaration else { return nil }
        let name = declaration.uppercased()
        func has(_ words: String...) -> Bool { words.contains { name.contains($0) } }
        if has("BOOL") { return .boolean }
        if has("DATETIME", "TIMESTAMP") { return .timestamp }
        if name == "DATE" { return .date }
        if name == "TIME" { return .text }
        if has("JSON") { return .json }
        if has("REAL", "FLOA", "DOUB") { return .number }
        if has("INT") { return .integer }
        if has("CHAR", "CLOB", "TEXT") { return .text }
        if has("NUMERIC", "DECIMAL") { return .number }
        return nil
    }

    /// What values of these storage classes are together; nil for blobs, which no column holds.
    static func type(seen classes: Set<CInt>) -> ColumnType? {
        let classes = classes.subtracting([SQLiteStorage.null])
        if classes.contains(SQLiteStorage.blob) { return nil }
        if classes == [SQLiteStorage.integer] { return .integer }
        if !classes.isEmpty, classes.isSubset(of: [SQLiteStorage.integer, SQLiteStorage.real]) {
            return .number
        }
        return .text
    }
}
