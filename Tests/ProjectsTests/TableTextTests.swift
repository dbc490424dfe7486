import StageLibrary
import TableTypes
import Testing

@testable import Projects

@Suite struct TableTextTests {
    private static let preview = TablePreview(
        columns: [
            .init("plant_id", .integer, role: .id), .init("städte", .category),
            .init("note", .text, nulls: 1200),
        ],
        cells: [["1", "東京", nil], ["20", "Bern", "two\nlines"]], rows: 60)

    @Test func columnsAreAlignedWithTypesRolesAndNulls() {
        #expect(
            TableText(Self.preview, width: nil).text() == """
                   plant_id  städte    note
                integer, id  category  text
                                       1,200 nulls
                ───────────  ────────  ───────────
                          1  東京      ∅
                         20  Bern      two↵lines
                2 of 60 rows, 3 columns

                """)
    }

    @Test func aTableWiderThanTheTerminalStandsInBlocks() {
        let text = TableText(Self.preview, width: 22).text()
        #expect(
            text == """
                   plant_id  städte
                integer, id  category
                ───────────  ────────
                          1  東京
                         20  Bern

                note
                text
                1,200 nulls
                ───────────
                ∅
                two↵lines
                2 of 60 rows, 3 columns

                """)
    }

    @Test func anEmptyTableSaysSo() {
        let empty = TablePreview(columns: [.init("a", .number)], cells: [], rows: 0)
        #expect(
            TableText(empty, width: 80).text() == """
                     a
                number
                ──────
                0 rows, 1 column

                """)
        let nothing = TablePreview(columns: [], cells: [], rows: 0)
        #expect(TableText(nothing, width: 80).text() == "0 rows, 0 columns\n")
    }

    @Test func wideCellsAreCut() {
        #expect(cutForCell(String(repeating: "x", count: 40)) == String(repeating: "x", count: 40))
        #expect(cutForCell(String(repeating: "x", count: 41)) == String(repeating: "x", count: 39) + "…")
        #expect(cutForCell(String(repeating: "名", count: 21)) == String(repeating: "名", count: 19) + "…")
        #expect(cutForCell("a\u{1B}[31mb") == "a\u{FFFD}[31mb")
    }
}
