import Diagnostics
import Glibc
import PipelineLanguage
import Platform
import Testing
import YAMLSyntax

/// What `/bin/sh -eu` makes of a text with values put in.
private func shell(_ text: String, values: [String: String]) throws -> String {
    var findings = Diagnostics()
    let source = SourceText(path: "p.yaml", text: "")
    let start = Mark(line: 1, column: 1)
    let node = Node(.scalar(text, isPlain: false), at: SourceRange(source, start: start, end: start))
    let command = CommandText(node, known: ["params": values.keys.sorted()], into: &findings)
    #expect(findings.isEmpty)
    let script = command.rendered { _, name in values[name] ?? "" }
    let folder = "/tmp/sluice-command-text-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectories(folder)
    defer { try? Files.remove(folder) }
    try Files.write(Array(script.utf8), to: folder + "/script")
    #expect(system("/bin/sh -eu '\(folder)/script' > '\(folder)/output'") == 0)
    return String(decoding: try Files.read(folder + "/output"), as: UTF8.self)
}

@Suite struct CommandTextTests {
    static let hostile = [
        "plain", "", " two  words ", "it's", "a\"b", "$(touch /tmp/never)", "`id`", "a;b&&c|d", "line\nbreak",
        "\\", "\\\\n", "$HOME ${x}", "数据 集", "*", "~", "#no", "-n", "=", "a=b", "!x", "\t", "'\"'\"", "a\\'b",
    ]

    @Test(arguments: hostile)
    func aBareValueArrivesAsOneWord(value: String) throws {
        #expect(
            try shell("printf '%s|' ${params.v} x${params.v}y", values: ["v": value])
                == "\(value)|x\(value)y|")
    }

    @Test(arguments: hostile)
    func aValueInDoubleQuotesArrivesAsItIs(value: String) throws {
        let text = "printf '%s|' \"a ${params.v} b\" \"$(printf %s \"${params.v}.\")\""
        #expect(try shell(text, values: ["v": value]) == "a \(value) b|\(value).|")
    }

    @Test func randomValuesArriveInEveryPlace() throws {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("ab '\"\\$`;\n(){}|&<>*?~#!-=数é\t")
        for _ in 0..<40 {
            let value = String(
                (0..<Int.random(in: 0...12, using: &random)).map { _ in
                    alphabet.randomElement(using: &random)!
                })
            let text = "printf '%s|' ${params.v} \"${params.v}\" $(printf %s ${params.v}. | cat)"
            let words = try shell("set -f; IFS=; " + text, values: ["v": value])
            #expect(words == "\(value)|\(value)|\(value).|", "value \(value.debugDescription)")
        }
    }

    @Test func aBackslashBeforeADollarMakesItTheShells() throws {
        let values = ["v": "x'; printf broken; printf '"]
        #expect(
            try shell("printf '%s|' \\${params.v} \"\\${params.v}\"", values: values)
                == "${params.v}|${params.v}|")
    }

    @Test func aValueBehindALengthIsNotInAComment() throws {
        #expect(try shell("x=abc; printf '%s|' ${#x} ${params.v}", values: ["v": "a b"]) == "3|a b|")
    }

    @Test func aNumberBeforeARedirectionIsStillAWord() throws {
        #expect(try shell("printf '%s|' ${params.v}>&1", values: ["v": "2"]) == "2|")
    }

    @Test func anAssignmentInPlaceOfACommandIsStillAWord() throws {
        #expect(try shell("${params.v} 2>/dev/null || printf none", values: ["v": "a=b"]) == "none")
    }

    @Test func aShiftIsNoHereDocument() throws {
        #expect(try shell("x=$((1<<2))\nprintf '%s|' $x ${params.v}", values: ["v": "a b"]) == "4|a b|")
    }

    @Test func whatIsTheShellsStaysTheShells() throws {
        #expect(
            try shell("x=1; printf '%s' ${x:-2}${x}'$${x}' $${x} \"$${x:-3}\"", values: [:]) == "11${x}11")
    }
}
