import Projects
import TableTypes
import Testing

@Suite struct SchemaTextTests {
    @Test func `what comes from the data stays in its comment`() {
        var text = SchemaText(TableSchema([TableSchema.Field("age", .integer)]))
        text.head = ["a\nprimaryKey: n"]
        text.remarks = [["'oops\u{1B}[31m\u{2028}'", "ü"]]
        #expect(
            text.text == """
                # a\\nprimaryKey: n
                fields:
                  # 'oops\\u{1B}[31m\\u{2028}'
                  # ü
                  - name: age
                    type: integer

                """)
    }
}
