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

    /// All there is of versions 1 and 2, besides what the text above has.
    static let all = """
        {"fields":[{"bareNumber":false,"decimalChar":",","groupChar":".","missingValues":["-"],"name":"price","type":"number"},\
        {"falseValues":["no"],"name":"ok","trueValues":["yes"],"type":"boolean"},\
        {"constraints":{"maxLength":9,"minLength":1},"format":"email","name":"mail","type":"string"},\
        {"constraints":{"exclusiveMaximum":5,"exclusiveMinimum":0},"name":"n","type":"integer"},\
        {"format":"%d/%m/%Y","name":"day","type":"date"},{"name":"y","type":"year"},\
        {"name":"m","type":"yearmonth"},{"name":"g","type":"geojson"}],\
        "fieldsMatch":"subset","uniqueKeys":[["y","m"]]}
        """

    @Test func whatTheSpecificationHasIsReadAndWritten() throws {
        let schema = try TableSchema(JSONValue(parsing: Self.all))
        #expect(schema.json.canonicalText == Self.all)
        #expect(
            schema.tableType.columns.map(\.type) == [
                .number, .boolean, .text, .integer, .date, .integer, .date, .json,
            ])
        #expect(schema.missing(schema.fields[0]) == ["-"] && schema.missing(schema.fields[1]) == [""])
        #expect(schema.missing(schema.fields[0], told: ["NA"]) == ["NA"])
    }

    @Test func otherSpellingsOfTheSpecificationAreRead() throws {
        let schema = try TableSchema(
            JSONValue(
                parsing: """
                    {"fields":[{"name":"a","categories":[{"value":"x","label":"X"},{"value":"y"}]},
                    {"name":"b","type":"integer","constraints":{"enum":[1,2.0,"3"]}},
                    {"name":"c","type":"date","format":"fmt:%Y","rdfType":"x","example":1}],
                    "missingValues":[{"value":"","label":"none"},{"value":"-99"}],
                    "fieldsMatch":["partial"],"foreignKeys":[{"fields":"a","reference":{"fields":"b"}}]}
                    """))
        #expect(
            schema.fields[0].constraints.levels == ["x", "y"] && schema.tableType["a"]?.type == .category)
        #expect(schema.fields[1].constraints.levels == ["1", "2", "3"])
        #expect(schema.fields[2].format == "%Y" && schema.missingValues == ["", "-99"])
        #expect(schema.fieldsMatch == .partial && schema.hasForeignKeys)
        #expect(schema.json["foreignKeys"] == nil)
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
            "table schema: fields[0].type: 'int' is not one of string, integer, number, boolean, date, datetime, year, yearmonth, object, array, geojson, any, category"
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
            #"{"fields":[{"name":"a","constraints":{"enum":1}}]}"#,
            "table schema: fields[0].constraints.enum: expected a list of values"
        ),
        (
            #"{"fields":[{"name":"a","constraints":{"enum":[null]}}]}"#,
            "table schema: fields[0].constraints.enum: null is no value; whether there may be none, 'required' says"
        ),
        (
            #"{"fields":[{"name":"a","type":"time"}]}"#,
            "table schema: fields[0].type: no column holds a 'time'; declare a string, with a pattern such as [0-2][0-9]:[0-5][0-9]:[0-5][0-9]"
        ),
        (
            #"{"fields":[{"name":"a","constraints":{"minLength":-1}}]}"#,
            "table schema: fields[0].constraints.minLength: expected a whole number"
        ),
        (
            #"{"fields":[{"name":"a","type":"array","constraints":{"jsonSchema":{}}}]}"#,
            "table schema: fields[0].constraints.jsonSchema: is not checked here; take it away, or check the values in a stage of your own"
        ),
        (
            #"{"fields":[{"name":"a","missingValues":["",3]}]}"#,
            "table schema: fields[0].missingValues: expected a list of strings"
        ),
        (
            #"{"fields":[{"name":"a"}],"uniqueKeys":[["a"],["b"]]}"#,
            "table schema: uniqueKeys[1]: no field is named 'b'"
        ),
        (
            #"{"fields":[{"name":"a"}],"fieldsMatch":"loose"}"#,
            "table schema: fieldsMatch: 'loose' is not one of exact, equal, subset, superset, partial"
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
