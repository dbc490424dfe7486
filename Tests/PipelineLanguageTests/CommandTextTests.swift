import Diagnostics
import Glibc
import Platform
import Testing
import YAMLSyntax

@testable import PipelineLanguage

/// What `/bin/sh -eu` makes of a text with values put in.
private func shell(
    _ text: String, values: [String: String], with shell: String = "/bin/sh -eu"
) throws -> String {
    var findings = Diagnostics()
    let source = SourceText(path: "p.yaml", text: "")
    let start = Mark(line: 1, column: 1)
    let node = Node(.scalar(text, isPlain: false), at: SourceRange(source, start: start, end: start))
    let command = CommandText(node, ports: .init(inputs: values.keys.sorted(), outputs: []), into: &findings)
    { _, name in
        .value(Node(.scalar(values[name] ?? "", isPlain: false), at: node.range), label: nil)
    }
    #expect(findings.isEmpty)
    let script = command.rendered { _, name in values[name] ?? "" }
    let folder = "/tmp/sluice-command-text-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectories(folder)
    defer { try? Files.remove(folder) }
    try Files.write(Array(script.utf8), to: folder + "/script")
    #expect(system("\(shell) '\(folder)/script' > '\(folder)/output'") == 0)
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

    @Test(arguments: hostile)
    func anInputsPathArrivesLikeAnyValueInBothShells(value: String) throws {
        let text = "printf '%s|' ${in.v} \"${in.v}\" ${params.v} \"${params.v}\""
        for program in ["/bin/sh -eu", "bash -euo pipefail"] {
            let words = try shell(text, values: ["v": value], with: program)
            #expect(words == "\(value)|\(value)|\(value)|\(value)|", "\(program)")
        }
    }

    @Test func theKeysTextPutsValuesInAndKeepsInputsAsNames() {
        var findings = Diagnostics()
        let start = Mark(line: 1, column: 1)
        let range = SourceRange(SourceText(path: "p.yaml", text: ""), start: start, end: start)
        func key(_ text: String) -> String {
            CommandText(
                Node(.scalar(text, isPlain: false), at: range), ports: .init(inputs: ["a"], outputs: []),
                into: &findings
            ) {
                _, _ in .value(Node(.scalar("it's", isPlain: false), at: range), label: nil)
            }.keyText
        }
        #expect(key("x ${params.v} \"${params.v}\" ${in.a} $HOME") == "x 'it'\\''s' \"it's\" ${in.a} $$HOME")
        // An input and a text that only looks like one are two keys.
        #expect(key("${in.a}") != key("$${in.a}") && key("$$${in.a}") != key("$${in.a}"))
        #expect(findings.isEmpty)
    }

    /// `\$(` opens no substitution; `\\$(` and `$$$(` do.
    @Test(arguments: hostile + ["$(printf RAN)"])
    func aValueBehindADollarThatBeginsNothingArrivesAsItIs(value: String) throws {
        let text = #"printf '%s|' "a \$(${params.v})" "b \$((${params.v}))" "c \\$(printf %s. ${params.v})" "#
        for program in ["/bin/sh -eu", "bash -euo pipefail"] {
            #expect(
                try shell(text, values: ["v": value], with: program)
                    == #"a $(\#(value))|b $((\#(value)))|c \\#(value).|"#, "\(program)")
            let words = try shell(
                #"printf '%s|' $$ "d $$$(printf %s. ${params.v})" "#, values: ["v": value], with: program)
            let number = words.prefix { $0 != "|" }
            #expect(words == "\(number)|d \(number)\(value).|", "\(program)")
        }
    }

    @Test func patternsOfACaseDoNotCloseASubstitution() throws {
        let text = "x=$(case a in a) printf '%s' ${params.v};; (b) ;; esac); printf '%s|' \"$x\" ${params.v}"
        #expect(try shell(text, values: ["v": "it's"]) == "it's|it's|")
    }

    @Test func bashQuotesWithADollarEndWhereBashEndsThem() throws {
        let text = "printf '%s|' $'it\\'s' ${params.v} \"$'\" ${params.v}"
        #expect(try shell(text, values: ["v": "a'b"], with: "bash -eu") == "it's|a'b|$'|a'b|")
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
