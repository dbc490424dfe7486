import Glibc
import Testing

private func lines(of command: String) -> [String] {
    guard let pipe = popen(command, "r") else { return [] }
    defer { pclose(pipe) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&buffer, 1, buffer.count, pipe)
        if count == 0 { break }
        text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
}

@Suite struct KernelObjectsTests {
    /// One that is not stands in a function without the level's flags, and costs
    /// a call and a place in memory for each vector.
    @Test(arguments: ["TensorKernelsPlain", "TensorKernelsV3", "TensorKernelsV4"])
    func everyWordOfLanesIsInlined(target: String) {
        for object in objects(of: target) {
            for symbol in lines(of: "nm '\(object)'") {
                let name = String(symbol.split(separator: " ").last ?? "")
                #expect(!name.hasPrefix("sluice_"), "\(name) is called in \(object)")
            }
        }
    }

    private func objects(of target: String) -> [String] {
        let root = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
        let objects = lines(of: "find /\(root)/.build/ -path '*/\(target).build/*.o'")
        #expect(!objects.isEmpty, "no object of \(target) under /\(root)/.build")
        return objects
    }

    /// A weak copy of library code built for AVX-512 could be linked into plain
    /// code, which then dies with SIGILL. Functions of a level's own may be weak
    /// too, but bear the level's name first: no other target has them. (What is
    /// specialised of the library bears the library's name first.)
    @Test(arguments: ["TensorKernelsPlain", "TensorKernelsV3", "TensorKernelsV4"])
    func noKernelObjectHasAWeakTextSymbolAnotherTargetCouldHave(target: String) {
        let own = "$s\(target.utf8.count)\(target)"
        for object in objects(of: target) {
            let symbols = lines(of: "nm '\(object)'")
            #expect(!symbols.isEmpty, "nm gave nothing for \(object)")
            for symbol in symbols where symbol.contains(" W ") {
                let name = String(symbol.split(separator: " ").last ?? "")
                #expect(name.hasPrefix(own), "weak \(name) in \(object)")
            }
        }
    }
}
