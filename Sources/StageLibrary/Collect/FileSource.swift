import CanonicalJSON
import PipelineLanguage
import Platform
import TableTypes

/// What the kinds that collect rows from files have in common: which files are
/// read, what schema holds, and what the outputs are.
enum FileSource {
    /// - Parameter what: "a JSON lines file".
    static func inputs(_ what: String, takesSeveral: Bool = true) -> [InputPort] {
        let files = takesSeveral ? ", or a folder of such files," : ""
        return [
            InputPort(
                "in", .file, isRequired: false, takesSeveral: takesSeveral,
                "\(what)\(files) another stage gives, in place of `path`.")
        ]
    }

    static let outputs = [
        OutputPort("table", .table, "The rows that fit, columns in the schema's order."),
        OutputPort(
            "rejects", .table, "Why rows were left out: file, row (of the file, from 1), column, reason."),
    ]

    static let path = Parameter(
        "path", .paths, .optional,
        "The file, or a glob of several, read in the order of their paths' bytes; either this or `in`.")
    static let schema = Parameter(
        "schema", .schema, .optional, "A Table Schema: fields, types, constraints, roles.")
    static let maxRejects = Parameter(
        "max_rejects", .integer(.atLeast(0)), .defaulted(0),
        "How many rows may not fit before it is an error.")

    /// Paragraphs that hold for all of them.
    static let documentation = """
        Files packed with gzip or zstd are unpacked. Several files are one table, as if they stood in one file; without a schema it is inferred
        from the first. Up to max_rejects rows that do not fit go to `rejects`, one line a misfit; one more is an error.
        """

    /// - Parameters:
    ///   - suffix: Of files the kind reads, for what to write.
    ///   - type: Of the table where no schema is declared, if it is known.
    static func check(_ check: inout StageCheck, suffix: String, type: TableType? = nil) {
        checkSource(&check, suffix: suffix)
        if let type = check.schema?.tableType ?? type { check.outputs["table"] = .table(type) }
        checkFields(&check)
        check.outputs["rejects"] = .table(RejectedRows.type)
    }

    /// Whether there is one thing to read.
    static func checkSource(_ check: inout StageCheck, suffix: String) {
        let hasInput = check.type(of: "in") != nil
        let hasPath = check.parameters["path"] != nil
        if !hasInput && !hasPath { check.report(CollectFinding.noSource(suffix: suffix), at: []) }
        if hasInput && hasPath { check.report(CollectFinding.twoSources, at: ["path"]) }
    }

    /// What a schema says that cannot be held to.
    static func checkFields(_ check: inout StageCheck) {
        guard let schema = check.schema else { return }
        for field in schema.fields {
            do throws(TableFinding) {
                _ = try FieldRules(field, isRequired: false)
            } catch {
                check.report(error, at: ["schema"])
            }
        }
        if schema.hasForeignKeys { check.report(TableFinding.foreignKeys, at: ["schema"]) }
    }

    /// Of kinds that take some of the columns.
    static func checkColumns(_ check: inout StageCheck) {
        var seen: Set<String> = []
        for (index, name) in (check.parameters["columns"]?.strings ?? []).enumerated()
        where !seen.insert(name).inserted {
            check.report(CollectFinding.columnTwice(name), at: ["columns", String(index)])
        }
    }

    /// The files a stage reads, in order.
    ///
    /// - Throws: `StageError` when there is none.
    static func files(of run: StageRun, suffix: String) throws -> [StageRun.Artifact] {
        let files = run.inputs.filter { $0.port == "path" || $0.port == "in" }
        guard !files.isEmpty else { throw StageError(CollectFinding.noSource(suffix: suffix)) }
        return files
    }

    /// Gives the bytes of files: mapped, or unpacked in memory where they are packed with gzip or zstd.
    ///
    /// - Parameters:
    ///   - names: What messages call them; nil leaves it to the caller.
    ///   - most: Bytes of a packed one that are unpacked.
    /// - Throws: `StageError` for a file that cannot be read or unpacked; what `body` throws.
    static func withBytes<Result>(
        of files: [String], names: [String]? = nil, atMost most: Int = .max,
        _ body: ([UnsafeRawBufferPointer]) throws -> Result
    ) throws -> Result {
        let held = try files.enumerated().map { index, file in
            do {
                return try WholeFile(file, atMost: most)
            } catch let error as SystemError {
                throw StageError("\(error)")
            } catch {
                throw StageError("\(names.map { "'\($0[index])': " } ?? "")\(error)")
            }
        }
        return try withExtendedLifetime(held) { try body(held.map(\.bytes)) }
    }

    /// Gives the bytes of a file one after another, unpacked where its first bytes say that it is packed.
    ///
    /// - Throws: `StageError` for a file that cannot be read or unpacked; what `body` throws.
    static func withStream(
        of file: StageRun.Artifact, _ body: (any ByteStream) throws -> Void
    ) throws {
        do {
            let stream = try FileStream(file.path)
            try body(UnpackedStream.plain(stream, size: stream.size))
        } catch let error as SystemError {
            throw StageError("\(error)")
        } catch let error as PackingError {
            throw StageError("'\(file.basename)': \(error)")
        }
    }

    /// Why no schema could be inferred.
    static func noColumns(_ name: String?) -> StageError {
        StageError(
            "\(name.map { "'\($0)': " } ?? "")there is no row that columns could be known from",
            fix: "declare a schema")
    }
}
