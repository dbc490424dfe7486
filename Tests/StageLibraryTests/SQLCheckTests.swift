import PipelineLanguage
import Testing

@testable import StageLibrary

/// What is found before a database is asked.
@Suite struct SQLCheckTests {
    private func found(_ with: String, _ kind: StageKind = CollectSQL.kind) throws -> [String] {
        try checked(kind, with, [:]).findings
    }

    @Test func `one thing is asked`() throws {
        #expect(
            try found("{ database: mysql }") == [
                """
                9:9 error: the database is asked nothing: neither 'table' nor 'query' is given
                fix: write table: NAME, or query: SELECT ...
                """
            ])
        #expect(
            try found("{ database: mysql, table: t, query: SELECT 1 }") == [
                """
                1:37 error: both 'table' and 'query' are given; one of them is asked
                fix: take one of them away
                """
            ])
        #expect(try found("{ database: mysql, table: [shop, t], columns: [a, b], order_by: a }") == [])
    }

    @Test func `a name is not empty and holds no NUL`() throws {
        let fix = "fix: write the name as the database has it"
        #expect(
            try found(#"{ database: mysql, table: "", columns: ["a\0b"], order_by: [""] }"#) == [
                "1:27 error: '' is no name: it is empty or holds a NUL character\n\(fix)",
                #"1:41 error: 'a\0b' is no name: it is empty or holds a NUL character"# + "\n\(fix)",
                "1:61 error: '' is no name: it is empty or holds a NUL character\n\(fix)",
            ])
        #expect(try found("{ database: mysql, table: [] }").count == 1)
    }

    @Test(arguments: [
        (
            "DELETE FROM t",
            """
            1:28 error: this is no query: it does not begin with SELECT, WITH, VALUES or TABLE
            fix: write a SELECT; a stage never changes a database
            """
        ),
        (
            "SELECT 1; DROP TABLE t",
            """
            1:38 error: a second statement begins here; a stage asks one query
            fix: ask the other in a stage of its own
            """
        ),
        ("SELECT (1", "1:27 error: parentheses do not match"),
        ("SELECT 'x", "1:35 error: the text that begins here has no end"),
        ("SELECT `x", "1:35 error: the name that begins here has no end"),
        ("SELECT 1 /* x", "1:37 error: the comment that begins here has no end"),
    ])
    func `a query is one that reads, and whole`(query: String, expected: String) throws {
        #expect(try found("{ database: mysql, query: \"\(query)\" }") == [expected])
    }

    @Test func `placeholders and values are the same`() throws {
        #expect(
            try found(
                "{ database: postgres, query: 'SELECT :from, :to', parameters: { form: 1, to: 2 } }") == [
                    """
                    1:38 error: the query's :from has no value
                    parameters: form, to
                    fix: did you mean 'form'?
                    """,
                    """
                    1:71 error: the query has no :form
                    query: :from, :to
                    fix: did you mean 'from'?
                    """,
                ])
    }

    @Test func `a time range holds some time`() throws {
        func found(_ range: String) throws -> [String] {
            try self.found("{ database: mysql, table: t, time_range: { column: at\(range) } }")
        }
        #expect(
            try found("") == [
                """
                1:42 error: the time range has neither 'from' nor 'to'
                fix: write from: 2026-01-01, to: 2026-02-01, or one of them
                """
            ])
        #expect(
            try found(", from: yesterday") == [
                """
                1:62 error: 'yesterday' is no date and no time
                fix: write 2026-01-31 or 2026-01-31T08:00:00Z
                """
            ])
        #expect(
            try found(", from: 2026-02-01, to: 2026-02-01") == [
                """
                1:78 error: no time lies from 2026-02-01 on and before 2026-02-01
                fix: write an end that lies behind the beginning: it is not in the range itself
                """
            ])
        #expect(try found(", from: 5, to: 4").count == 1)
        #expect(try found(", from: 2026-01-31T08:00:00Z, to: 2026-02-01") == [])
    }

    @Test func `the watermark is among the columns`() throws {
        #expect(
            try found("{ database: mysql, table: t, columns: [a], watermark: id }") == [
                """
                1:55 error: 'columns' leaves out 'id', which is the watermark
                fix: write 'id' there too
                """
            ])
    }

    @Test func `a server is at one place`() throws {
        #expect(
            try found("{ database: mysql, table: t, host: h, socket: /run/s }") == [
                """
                1:47 error: both 'host' and 'socket' are given; the server is at one of them
                fix: take one of them away
                """
            ])
    }

    @Test func `a password stands in a variable or a file, never here`() throws {
        func found(_ password: String) throws -> [String] {
            try self.found("{ database: mysql, table: t, password: \(password) }")
        }
        let either = """
            1:40 error: the password is either in a variable or in a file
            fix: write password: { env: NAME } or password: { file: ~/PATH }
            """
        #expect(try found("{}") == [either])
        #expect(try found("{ env: A, file: ~/b }") == [either])
        #expect(
            try found("{ env: hunter2! }") == [
                """
                1:47 error: this is no name of a variable
                fix: write password: { env: NAME }, and put the password itself into that variable
                """
            ])
        #expect(
            try found("{ file: secrets/db }") == [
                """
                1:48 error: the file 'secrets/db' is not given from the root or from home on
                fix: write /PATH or ~/PATH; a password does not belong into the project
                """
            ])
        #expect(try found("{ file: /run/secrets/db }") == [])
    }

    @Test func `SQLite is asked by the same rules`() throws {
        #expect(
            try found("{ path: a.db }", CollectSQLite.kind) == [
                """
                9:9 error: the database is asked nothing: neither 'table' nor 'query' is given
                fix: write table: NAME, or query: SELECT ...
                """
            ])
        #expect(
            try found("{ table: t }", CollectSQLite.kind) == [
                """
                9:9 error: there is nothing to read: neither 'path' nor 'in' is given
                fix: write path: data/FILE.sqlite under 'with', or in: STAGE for a file another stage gives
                """
            ])
    }
}
