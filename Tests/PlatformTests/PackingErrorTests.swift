import Platform
import Testing

@Suite("Errors of packed data") struct PackingErrorTests {
    @Test(
        "Any window can be told in MiB, rounded up",
        arguments: [(UInt64.max, "17592186044416 MiB"), (1 << 28, "256 MiB"), ((1 << 28) + 1, "257 MiB")]
            as [(UInt64, String)])
    func window(_ bytes: UInt64, _ told: String) {
        #expect("\(PackingError.window(bytes))".contains("a window of \(told),"))
    }
}
