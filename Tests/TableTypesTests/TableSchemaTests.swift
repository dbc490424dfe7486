import CanonicalJSON
import TableTypes
import Testing

@Suite struct TableSchemaTests {
    static let text = """
        {"fields":[{"constraints":{"required":true,"unique":true},"name":"id","role":"id","type":"integer"},\
        {"constraints":{"maximum":120,"minimum":18},"name":"age","title":"Age","type":"number"},\
        {"constraints":{"enum":["bad","good"]},"name":"credit","role":"target","type":"string"},\
        {"description":"free","format":"default","name":"note","type":"string"},\
        {"name":"island","type":"category"},{"name":"born","type":"date"},\
        {"name":"seen","type":"datetime"},{"name":"ok","type":"boolean"}],\
        "missingValues":["","NA"],"primaryKey":["id"]}
        """

    @Test func aSchemaIsWrittenAsItWasRead() throws {
        let schema = try TableSchema(JSONValue(parsing: Self.text))
        #expect(schema.json.canonicalText == Self.text)
        #expect(try TableSchema(schema.json) == schema)
    }

    @Test func fieldsBecomeColumnsWithRolesLevelsAndNulls() throws {
        let table = try TableSchema(JSONValue(parsing: Self.text)).tableType
        #expect(!table.isOpen)
        #expect(
            table.columns == [
                Column("id", .integer, role: .id, isNullable: false), Column("age", .number),
                Column("credit", .category, role: .target, levels: ["bad", "good"]),
                Column("note", .text), Column("island", .category), Column("born", .date),
                Column("seen", .timestamp), Column("ok", .boolean),
            ])
    }

    @Test func aFieldOfThePrimaryKeyIsNeverNull() throws {
        let schema = TableSchema([.init("a", .integer), .init("b")], primaryKey: ["a"])
        #expect(schema.tableType.columns.map(\.isNullable) == [false, true])
    }

    @Test func defaultsOfTheSpecificationHold() throws {
        let schema = try TableSchema(["fields": [["name": "a"]]])
        #expect(schema == TableSchema([.init("a", .string)], missingValues: [""]))
        #expect(try TableSchema(["fields": [], "primaryKey": []]).primaryKey == [])
    }

    @Test(arguments: [
        ("{}", "table schema: fields: expected a list of fields"),
        (#"{"fields":[{"name":""}]}"#, "table schema: fields[0].name: expected a name"),
        (
            #"{"fields":[{"name":"a"},{"name":"a"}]}"#,
            "table schema: fields[1].name: the name 'a' is given twice"
        ),
        (
            #"{"fields":[{"name":"a","type":"int"}]}"#,
            "table schema: fields[0].type: 'int' is not one of string, integer, number, boolean, date, datetime, object, array, any, category"
        ),
        (
            #"{"fields":[{"name":"a","role":"label"}]}"#,
            "table schema: fields[0].role: 'label' is not one of target, id, group, weight, time, ignore"
        ),
        (
            #"{"fields":[{"name":"a","constraints":{"required":1}}]}"#,
            "table schema: fields[0].constraints.required: expected true or false"
        ),
        (
            #"{"fields":[{"name":"a","constraints":{"enum":[1]}}]}"#,
            "table schema: fields[0].constraints.enum: expected a list of strings"
        ),
        (
            #"{"fields":[{"name":"a"}],"primaryKey":"b"}"#,
            "table schema: primaryKey: no field is named 'b'"
        ),
    ])
    func aFaultIsNamedWithItsPlace(text: String, message: String) throws {
        let json = try JSONValue(parsing: text)
        let error = #expect(throws: TableSchemaError.self) { try TableSchema(json) }
        #expect(error?.description == message)
    }
}
