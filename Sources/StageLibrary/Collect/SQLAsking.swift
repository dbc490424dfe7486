import CanonicalJSON
import DataFrames
import PipelineLanguage
import SQLDatabases

/// What the kinds that ask databases have in common: which rows are wanted, and how that is checked.
struct SQLAsking {
    /// Whether what is asked is said by a fetch, and so is not keyed.
    let isFetched: Bool

    var parameters: [Parameter] {
        [
            Parameter(
                "table", .either([.text, .list(.text)]), .optional, isFetched: isFetched,
                "The table or view; a list is a path, such as [SCHEMA, TABLE]. Either this or `query`."),
            Parameter(
                "columns", .list(.text), .optional, isFetched: isFetched,
                "The columns to take, in this order; without it all of them."),
            Parameter(
                "query", .text, .optional, isFetched: isFetched,
                "A SELECT; `:name` in it stands for a value of `parameters`."),
            Parameter(
                "parameters", .map(.either([Self.scalar, .list(Self.scalar)])), .optional,
                isFetched: isFetched,
                "Values by name, bound by the database and never put into the text; a list for IN (:name)."),
            Parameter(
                "time_range",
                .record([
                    Parameter("column", .text, .required, "The column that says when."),
                    Parameter("from", Self.moment, .optional, "The first moment that is in it."),
                    Parameter("to", Self.moment, .optional, "The first moment that is no longer in it."),
                ]), .optional, isFetched: isFetched, "Which rows, by when they are; also of a query."),
            Parameter(
                "order_by", .either([.text, .list(.text)]), .optional, isFetched: isFetched,
                "Columns that order the rows, before those that tell them apart; [] takes them as they come."),
        ]
    }

    private static let scalar = ParameterType.either([.boolean, .integer(.all), .number(.all), .text])
    private static let moment = ParameterType.either([.integer(.all), .text])

    /// Paragraphs that hold for all of them.
    static let documentation = """
        Rows come in an order that the data alone decide, so that the same data give the same bytes: by `order_by`, then by the primary key of a
        table, or else by all columns, texts by their bytes (in MySQL those that have the first 1024 in common by a digest). A query with an ORDER BY of its own is asked as it is written: then that order must be
        one without ties. A time range is half-open, `from` in it and `to` not. Names may be any; values are bound. `${...}` in a query puts a text into it:
        write :name instead.

        Rows that do not fit go to `rejects`, one line a misfit, up to max_rejects rows; one more is an error. A value that no column can hold (an
        integer beyond 64 bits, also within JSON, a day the calendar does not have, an infinite time) is such a misfit. Blobs and other types that no column
        holds are errors that name the column: select a text of it, or leave it out with `columns`.
        """

    // MARK: Check

    static func check(_ check: inout StageCheck, _ dialect: SQLDialect) {
        let parameters = check.parameters
        let query = parameters["query"]?.string
        let path = names(parameters["table"])
        if query == nil, path == nil { check.report(SQLFinding.nothingAsked, at: []) }
        if query != nil, path != nil { check.report(SQLFinding.askedTwice, at: ["query"]) }
        if let path {
            if path.isEmpty { check.report(SQLFinding.badName(""), at: ["table"]) }
            for name in path { self.check(name, at: ["table", name], &check, dialect) }
        }
        FileSource.checkColumns(&check)
        for name in parameters["columns"]?.strings ?? [] {
            self.check(name, at: ["columns", name], &check, dialect)
        }
        for name in names(parameters["order_by"]) ?? [] {
            self.check(name, at: ["order_by", name], &check, dialect)
        }
        if let query { self.check(query: query, &check, dialect) }
        checkRange(&check, dialect)
    }

    private static func check(
        _ name: String, at place: [String], _ check: inout StageCheck, _ dialect: SQLDialect
    ) {
        do throws(SQLError) {
            _ = try dialect.quoted(name)
        } catch {
            check.report(SQLFinding.badName(name), at: place)
        }
    }

    private static func check(query: String, _ check: inout StageCheck, _ dialect: SQLDialect) {
        let given = (check.parameters["parameters"]?.object ?? [:]).keys.sorted()
        let text: QueryText
        do throws(QueryFault) {
            text = try QueryText(query, dialect)
        } catch {
            return check.report(
                SQLFinding.badQuery(error.problem), at: ["query"], in: query, offset: error.start,
                length: error.end - error.start)
        }
        var told: Set<String> = []
        for placeholder in text.placeholders
        where !given.contains(placeholder.name) && told.insert(placeholder.name).inserted {
            check.report(
                SQLFinding.withoutValue(placeholder: placeholder.name, known: given), at: ["query"],
                in: query,
                offset: placeholder.start, length: placeholder.end - placeholder.start)
        }
        let used = Set(text.placeholders.map(\.name))
        for name in given where !used.contains(name) {
            check.report(SQLFinding.unusedValue(name, known: used.sorted()), at: ["parameters", name])
        }
    }

    private static func checkRange(_ check: inout StageCheck, _ dialect: SQLDialect) {
        guard let range = check.parameters["time_range"] else { return }
        self.check(range["column"]?.string ?? "", at: ["time_range", "column"], &check, dialect)
        if range["from"] == nil, range["to"] == nil {
            check.report(SQLFinding.rangeWithoutEnds, at: ["time_range"])
        }
        var moments: [String: Int64] = [:]
        for end in ["from", "to"] {
            guard let value = range[end] else { continue }
            moments[end] = value.integer ?? value.string.flatMap(microseconds)
            if moments[end] == nil {
                check.report(SQLFinding.badMoment(value.string ?? ""), at: ["time_range", end])
            }
        }
        let areAlike = (range["from"]?.string == nil) == (range["to"]?.string == nil)
        if let from = moments["from"], let to = moments["to"], areAlike, from >= to {
            func shown(_ end: String) -> String { range[end]?.string ?? range[end]?.canonicalText ?? "" }
            check.report(
                SQLFinding.emptyRange(from: shown("from"), to: shown("to")), at: ["time_range", "to"])
        }
    }

    private static func microseconds(_ text: String) -> Int64? {
        FieldText.timestamp(text) ?? FieldText.date(text).map { Int64($0) * 86_400_000_000 }
    }

    // MARK: Selection

    /// One name, or several.
    private static func names(_ value: JSONValue?) -> [String]? {
        value?.string.map { [$0] } ?? value?.strings
    }

    /// - Throws: `StageError` for what `check` finds too.
    static func selection(
        _ parameters: JSONValue, _ dialect: SQLDialect, watermark: String? = nil
    ) throws -> SQLSelection {
        let source: SQLSelection.Source
        if let query = parameters["query"]?.string {
            do throws(QueryFault) {
                source = .query(try QueryText(query, dialect))
            } catch {
                throw StageError(SQLFinding.badQuery(error.problem))
            }
        } else if let path = names(parameters["table"]) {
            source = .table(path)
        } else {
            throw StageError(SQLFinding.nothingAsked)
        }
        let range = parameters["time_range"].map { range in
            SQLSelection.TimeRange(
                column: range["column"]?.string ?? "", from: moment(range["from"], dialect),
                to: moment(range["to"], dialect))
        }
        return SQLSelection(
            source, columns: parameters["columns"]?.strings,
            parameters: (parameters["parameters"]?.object ?? [:]).mapValues { value in
                (value.array ?? [value]).map(SQLValue.init)
            }, range: range, watermark: watermark, order: names(parameters["order_by"]))
    }

    /// A moment in the form a database compares with its own. SQLite has only texts to compare, and takes them as they are
    /// written.
    private static func moment(_ value: JSONValue?, _ dialect: SQLDialect) -> SQLValue? {
        guard let value else { return nil }
        guard let text = value.string, dialect != .sqlite, FieldText.date(text) == nil,
            let time = FieldText.timestamp(text).flatMap(FieldText.text(microseconds:))
        else { return SQLValue(value) }
        return .text(dialect == .mysql ? String(time.dropLast()).replacing("T", with: " ") : time)
    }

    /// What messages call the rows.
    static func name(_ parameters: JSONValue) -> String { names(parameters["table"])?.last ?? "the query" }
}

extension SQLValue {
    /// A scalar of the pipeline.
    init(_ json: JSONValue) {
        switch json {
        case .boolean(let flag): self = .boolean(flag)
        case .integer(let integer): self = .integer(integer)
        case .number(let number): self = .number(number)
        case .string(let text): self = .text(text)
        case .null, .array, .object: self = .null
        }
    }

    var json: JSONValue {
        switch self {
        case .null: .null
        case .boolean(let flag): .boolean(flag)
        case .integer(let integer): .integer(integer)
        case .number(let number): .number(number)
        case .text(let text): .string(text)
        }
    }
}

extension StageError {
    init(_ error: SQLError) { self.init(error.message, notes: error.notes, fix: error.fix) }
}
