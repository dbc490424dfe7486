import CanonicalJSON
import Testing

@Suite struct CanonicalJSONTests {
    @Test func keysAreSortedByBytesAndNumbersAreShortest() {
        let value: JSONValue = ["b": 1.0, "a": [0.1, nil, true], "é": "x\n\u{1}\"\\", "Z": -0.0]
        #expect(value.canonicalText == #"{"Z":0,"a":[0.1,null,true],"b":1,"é":"x\n\u0001\"\\"}"#)
    }

    @Test(arguments: [
        ("{\"a\":1,\"a\":2}", 7, "key 'a' is given twice"),
        ("[1,]", 3, "expected a value"),
        ("01", 0, "a number does not begin with 0"),
        ("\"\\ud800x\"", 7, "half a surrogate pair"),
        ("\"abc", 4, "the string has no end"),
        ("1e999", 0, "the number is out of range"),
        ("tru", 0, "expected a value"),
        ("1 2", 2, "expected the end of the text"),
    ])
    func wrongTextNamesItsPlace(text: String, offset: Int, message: String) {
        #expect(throws: JSONSyntaxError(offset: offset, message: message)) { try JSONValue(parsing: text) }
    }

    @Test func deepNestingIsAnErrorNotACrash() {
        #expect(throws: JSONSyntaxError.self) {
            try JSONValue(parsing: String(repeating: "[", count: 100_000))
        }
    }

    @Test func whatIsWrittenReadsBack() throws {
        for text in [#"{"a":[1,2.5,-3e-07,"𝄞"],"b":{}}"#, "[]", "null", "9223372036854775807", "5e-324"] {
            let value = try JSONValue(parsing: text)
            #expect(try JSONValue(parsing: value.canonicalText) == value)
        }
        #expect(try JSONValue(parsing: #""\ud834\udd1e""#) == "𝄞")
    }
}
