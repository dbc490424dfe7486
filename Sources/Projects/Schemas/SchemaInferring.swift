import CanonicalJSON
import Charts
import Diagnostics
import PipelineLanguage
import Platform
import StageLibrary
import TableTypes

/// A Table Schema inferred from all rows of a file, with what was seen of them.
public struct InferredSchema: Sendable {
    public let schema: TableSchema
    public let rows: Int
    /// Of the table as a whole.
    public let head: [String]
    /// Of each field.
    public let remarks: [[String]]

    /// - Parameters:
    ///   - path: `-` is standard input.
    ///   - form: csv, jsonl, json, xml, parquet or arrow; nil goes by the suffix.
    ///   - parameters: Of the kind that collects such files.
    ///   - progress: Is told now and then, on any thread.
    /// - Throws: `DiagnosticError`.
    public init(
        of path: String, form: TableForm?, _ parameters: JSONValue, progress: @escaping TableProfile.Progress
    ) throws {
        guard let form = form ?? TableForm(suffixOf: path) else {
            throw DiagnosticError(SchemaFinding.form(path: path))
        }
        if form == .xml, parameters["rows"] == nil || parameters["columns"] == nil {
            throw DiagnosticError(SchemaFinding.xmlWithoutPaths)
        }
        var parameters = parameters
        if form == .csv, parameters["delimiter"] == nil, path.lowercased().hasSuffix(".tsv") {
            parameters["delimiter"] = "tab"
        }
        if let kind = StageLibrary.catalog[form.kind] { try Self.check(parameters, kind, form) }
        let proposal: SchemaProposal
        do {
            let input = path == "-" ? try SpooledInput() : nil
            let profile = try TableProfile(
                of: input?.path ?? path, form, parameters, threads: Cores.available, progress: progress)
            withExtendedLifetime(input) {}
            rows = profile.rows
            proposal = SchemaProposal(profile)
        } catch let error as StageError {
            throw DiagnosticError(
                SchemaFinding.unreadable(path: path, reason: error.message, fix: error.fix))
        } catch let error as SystemError {
            throw DiagnosticError(SchemaFinding.system(error.description))
        }
        schema = proposal.schema
        remarks = proposal.remarks
        head = proposal.tableRemarks
    }

    /// Holds parameters to what the kind says of them in a pipeline.
    private static func check(
        _ given: JSONValue, _ kind: StageKind, _ form: TableForm
    ) throws(DiagnosticError) {
        for name in (given.object ?? [:]).keys.sorted() {
            guard let parameter = kind.parameters.first(where: { $0.name == name }) else {
                throw DiagnosticError(SchemaFinding.parameter(name, form: form))
            }
            if case .choice(let choices) = parameter.type, let word = given[name]?.string,
                !choices.contains(where: { $0.word == word })
            {
                throw DiagnosticError(
                    SchemaFinding.word(parameter: name, word, known: choices.map(\.word)))
            }
        }
        var parameters = given
        parameters["path"] = "the file"
        for parameter in kind.parameters where parameters[parameter.name] == nil {
            parameters[parameter.name] = parameter.defaultValue
        }
        let nowhere = SourceRange(
            SourceText(path: "", text: ""), start: Mark(line: 1, column: 1), end: Mark(line: 1, column: 1))
        var check = StageCheck(parameters: parameters, inputs: [:], with: nil, stage: nowhere)
        kind.check(&check)
        guard check.findings.hasErrors else { return }
        var findings = Diagnostics()
        for var finding in check.findings.sorted {
            finding.range = nil
            findings.add(finding)
        }
        throw DiagnosticError(findings)
    }

    /// YAML with what was seen beside each field.
    public func text(source: String) -> String {
        var text = SchemaText(schema)
        let name =
            source == "-" ? "standard input" : source.split(separator: "/").last.map(String.init) ?? source
        text.head =
            [
                "A Table Schema, inferred from all \(NumberText.count(rows)) rows of \(name): correct it where it guessed wrong.",
                "A role says what a column is for: target, id, group, weight, time or ignore; one without is a feature.",
            ] + head
        text.remarks = remarks
        return text.text
    }

    /// What was seen, for where the schema itself has no room for it.
    public var remarksText: String {
        let lines =
            head.map { $0 + "\n" }
            + zip(schema.fields, remarks).flatMap { field, remarks in
                remarks.map { "\(field.name) (\(field.type.rawValue)): \($0)\n" }
            }
        return lines.joined()
    }

    /// - Throws: `DiagnosticError` where another file is there.
    public func write(_ text: String, to path: String, overwrites: Bool) throws {
        do {
            if !overwrites, try Files.status(path, followLinks: false) != nil {
                throw DiagnosticError(SchemaFinding.isThere(path: path))
            }
            try Files.replace(path, with: Array(text.utf8))
        } catch let error as SystemError {
            throw DiagnosticError(SchemaFinding.system(error.description))
        }
    }
}
