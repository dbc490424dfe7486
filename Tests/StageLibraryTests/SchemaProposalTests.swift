import ArrowIPC
import CanonicalJSON
import DataFrames
import Platform
import TableTypes
import Testing

@testable import StageLibrary

/// What all rows of a file say of its schema.
@Suite struct SchemaProposalTests {
    private func proposal(
        _ text: String, _ form: TableForm = .csv, _ parameters: JSONValue = [:], threads: Int = 1
    ) throws -> SchemaProposal {
        let path = "\(try scratchFolder())/file"
        try Files.write(Array(text.utf8), to: path)
        return SchemaProposal(try TableProfile(of: path, form, parameters, threads: threads))
    }

    @Test func `few values that do not fit are told with their rows`() throws {
        var text = "n,code\n"
        for row in 0..<20_000 { text += row == 15_000 ? "n/a,7\n" : row == 15_001 ? "?,7\n" : "\(row),007\n" }
        text += "unknown,7\n"
        let proposal = try proposal(text)
        // The first 10,000 rows show nothing of it.
        #expect(proposal.schema.fields.map(\.type) == [.string, .string])
        #expect(
            proposal.remarks[0] == [
                "A value in every row; none comes twice; 1 to 7 characters.",
                "integer but for 3 of 20,001 values (99.99% fit): 'n/a' in row 15002, '?' in row 15003, 'unknown' in row 20002.",
                "'n/a' stands 1 time, first in row 15002: if it means no value, add it to missingValues.",
                "'?' stands 1 time, first in row 15003: if it means no value, add it to missingValues.",
            ])
        #expect(proposal.schema.fields[1].constraints.levels == ["007", "7"])
        #expect(
            proposal.remarks[1].last
                == "19,998 values have zeros before the digits, such as '007' in row 2: as integers they would lose them."
        )
    }

    @Test func `texts that must mean null do so in every column`() throws {
        let proposal = try proposal("a,b\n1,NA\nNA,x\n3,y\n")
        #expect(proposal.schema.missingValues == ["", "NA"])
        #expect(proposal.schema.fields.map(\.type) == [.integer, .string])
        #expect(proposal.schema.fields.map(\.constraints.required) == [false, false])
        #expect(proposal.tableRemarks == ["'NA' means no value: it stands in a (1), b (1)."])
        let told = try self.proposal("a\n1\nNA\n", .csv, ["missing": ["-"]])
        #expect(told.schema.missingValues == ["-"] && told.schema.fields[0].type == .string)
    }

    @Test func `what tells rows apart is proposed as the key or as unique`() throws {
        let rows = (0..<30).map { "\($0),u\($0),\($0 % 3),\($0).5" }.joined(separator: "\n")
        let named = try proposal("user_id,login,group,score\n\(rows)\n").schema
        #expect(named.primaryKey == ["user_id"])
        #expect(named.fields.map(\.role) == [.id, nil, nil, nil])
        #expect(named.fields.map(\.constraints.unique) == [false, true, false, false])
        #expect(named.fields.map(\.constraints.required) == [false, true, true, true])
        let unnamed = try proposal("number,login,group,score\n\(rows)\n")
        #expect(unnamed.schema.primaryKey == [])
        #expect(
            unnamed.tableRemarks == [
                "No primaryKey is proposed; 'number', 'login' would do: every row has one of its own."
            ])
        // What never repeats in three rows is no key.
        #expect(try proposal("a\n1\n2\n3\n").schema.fields[0].constraints.unique == false)
    }

    @Test func `dates are found in the pattern they are written in`() throws {
        func field(_ values: [String]) throws -> (field: TableSchema.Field, remarks: [String]) {
            let proposal = try proposal("a\n" + values.map { "\"\($0)\"\n" }.joined())
            return (proposal.schema.fields[0], proposal.remarks[0])
        }
        let german = try field(["31.12.2023", "1.2.2024"]).field
        #expect(german.type == .date && german.format == "%d.%m.%Y")
        let digits = try field(["19580329", "20011229"]).field
        #expect(digits.type == .date && digits.format == "%Y%m%d")
        let times = try field(["12/31/2023 11:05 PM", "1/2/2024 1:15 am"]).field
        #expect(times.type == .datetime && times.format == "%m/%d/%Y %I:%M %p")
        let words = try field(["March 3, 2024", "May 12, 2023"]).field
        #expect(words.format == "%B %d, %Y")
        // Without a day beyond the 12th nothing says which is the month.
        let open = try field(["01/02/2024", "03/04/2024"])
        #expect(open.field.type == .string && open.field.format == nil)
        #expect(
            open.remarks.last
                == "Every value reads as a date by '%d/%m/%Y' as well as by '%m/%d/%Y': type: date with the right one as format makes it one."
        )
        for others in [["10000101", "99991231"], ["1.2.2024", "x"], ["31.12.2023", "2024-01-01"]] {
            #expect(try field(others).field.format == nil, "\(others)")
        }
    }

    @Test func `rows that are none are counted and named`() throws {
        let proposal = try proposal("a,b\n1,2\n1\n3,4\n1,2,3\n")
        #expect(proposal.schema.fields.map(\.type) == [.integer, .integer])
        #expect(proposal.tableRemarks.first == "2 rows were left out:")
        #expect(proposal.tableRemarks[1].hasPrefix("  row 3: "), "\(proposal.tableRemarks)")
        let json = try self.proposal("{\"a\":1}\n{\"a\":\n", .jsonl)
        #expect(json.tableRemarks[1].hasPrefix("  row 2: not valid JSON at byte"), "\(json.tableRemarks)")
    }

    @Test func `every form says its types`() throws {
        let lines = (0..<20).map {
            #"{"id":\#($0),"kind":"\#($0 % 2)","when":"2024-01-0\#($0 % 9 + 1)","x":{"y":[1]},"z":null}"#
        }
        let jsonl = try proposal(lines.joined(separator: "\n"), .jsonl).schema
        #expect(jsonl.fields.map(\.name) == ["id", "kind", "when", "x", "z"])
        #expect(jsonl.fields.map(\.type) == [.integer, .string, .date, .object, .string])
        #expect(jsonl.fields[1].constraints.levels == ["0", "1"] && jsonl.primaryKey == ["id"])
        let json = try proposal("{\"rows\":[\(lines.joined(separator: ","))]}", .json, ["rows": "rows"])
            .schema
        #expect(json == jsonl)
        let flat = try proposal(lines.joined(separator: "\n"), .jsonl, ["flatten": true]).schema
        #expect(flat.fields.map(\.name) == ["id", "kind", "when", "x.y", "z"])
        let xml = try proposal(
            "<a><r n='1'><t>x</t><t>y</t></r><r n='2'/></a>", .xml,
            ["rows": "/a/r", "columns": ["n": "@n", "t": "t"]]
        ).schema
        #expect(xml.fields.map(\.type) == [.integer, .array])
        #expect(xml.fields.map(\.constraints.required) == [true, false])
    }

    @Test func `threads change nothing`() throws {
        let text = "a,b,c\n" + (0..<5000).map { "\($0),x\($0 % 7),\($0 % 11).5" }.joined(separator: "\n")
        let one = try proposal(text)
        let many = try proposal(text, threads: 4)
        #expect(one.schema == many.schema && one.remarks == many.remarks)
    }

    /// What is proposed of a file holds of all its rows, and is found again in what the kind makes of it.
    @Test(arguments: ["german_credit", "penguins"])
    func `a file fits the schema that is inferred from it`(name: String) throws {
        let path = "\(projectRoot)/pipelines/data/\(name).csv"
        let proposal = SchemaProposal(try TableProfile(of: path, .csv))
        let made = try KindHarness("collect.csv").run(paths: ["path": path], schema: proposal.schema)
        let table = try made.table("table")
        #expect(table.frame.count == (name == "penguins" ? 344 : 1000))
        #expect(try made.table("rejects").frame.count == 0)
        for form in ["arrow", "parquet"] {
            let file = "\(try scratchFolder())/t.\(form)"
            try StageLibrary.export(table: made.path("table"), as: form, to: file)
            let again = SchemaProposal(try TableProfile(of: file, #require(TableForm(suffixOf: file)))).schema
            #expect(again.fields.map(\.type) == proposal.schema.fields.map(\.type))
            #expect(again.fields.map(\.constraints) == proposal.schema.fields.map(\.constraints))
        }
    }

    @Test func `a suffix tells the form`() {
        #expect(TableForm(suffixOf: "a/b.CSV") == .csv && TableForm(suffixOf: "a.csv.gz") == .csv)
        #expect(TableForm(suffixOf: "a.ndjson") == .jsonl && TableForm(suffixOf: "x.json") == .json)
        #expect(TableForm(suffixOf: "csv") == nil && TableForm(suffixOf: "-") == nil)
    }
}
