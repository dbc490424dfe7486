import Glibc

/// What one fuzz target reads, and what must hold of it besides not crashing.
struct FuzzTarget: Sendable {
    var name: String
    var check: @Sendable ([UInt8]) -> Void

    static let all = [
        archive,
        arrow, csv, expression, jpeg, json, jsonl, lock, parquet, pipeline, png, wave, when, xml, yaml,
    ]
}

/// libFuzzer's own loop: compiler-rt's FuzzerDriver.cpp. Called from here
/// rather than with libFuzzer's `main`, because SwiftPM names an executable's
/// entry point itself.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main
struct Fuzz {
    /// From the environment, because libFuzzer owns the arguments and starts
    /// itself anew with them to minimise a crash.
    static let target: FuzzTarget = {
        let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
        if let target = FuzzTarget.all.first(where: { $0.name == name }) { return target }
        let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
        print("no fuzz target '\(name)'; FUZZ_TARGET is one of \(names)")
        exit(2)
    }()

    static func main() {
        _ = target
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            runDriver(&count, &arguments) { start, count in
                Fuzz.target.check(Array(UnsafeBufferPointer(start: start, count: count)))
                return 0
            })
    }
}
