import Glibc
import Platform
import Testing

/// A Python with what Tests/peers/requirements.txt names, and for pages a browser.
private let peersPython: String? = {
    guard let value = getenv("SLUICE_PEERS_PYTHON"), access(value, X_OK) == 0 else {
        print("EndToEnd: schema and pages not held against peers: SLUICE_PEERS_PYTHON names no program")
        return nil
    }
    return String(cString: value)
}()

private let hasBrowser: Bool = {
    let folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":")
    let isThere = folders.contains { folder in
        ["chromium", "chromium-browser"].contains { access("\(folder)/\($0)", X_OK) == 0 }
    }
    if !isThere { print("EndToEnd: pages not opened in a browser: there is no chromium in PATH") }
    return isThere
}()

@Suite struct PeerTests {
    /// What the script says, and whether it found no fault.
    private func check(_ script: String, _ argument: String) throws -> (isFine: Bool, said: String) {
        let python = try #require(peersPython)
        let place = "/tmp/sluice-e2e-peer-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        defer { unlink(place) }
        let command =
            "'\(python)' '\(Workplace.repository)/Tests/peers/\(script)' '\(argument)' > \(place) 2>&1"
        let status = try #require(popen(command, "r").map { pclose($0) })
        return (status == 0, String(decoding: try Files.read(place), as: UTF8.self))
    }

    /// What editors tell from the schema is what the program says.
    @Test(.enabled(if: peersPython != nil, "SLUICE_PEERS_PYTHON is not set"))
    func theSchemaAcceptsWhatIsFineAndRejectsWhatIsNot() throws {
        let (isFine, said) = try check("check_schema.py", Workplace.repository)
        #expect(isFine, "\(said)")
    }

    /// Pipelines, and a page that each publishes.
    private static let pages = [
        ("credit", "credit"), ("penguins", "penguins"), ("adult", "adult-profile"),
        ("weather", "weather-profile"),
    ]

    @Test(
        .enabled(if: peersPython != nil, "SLUICE_PEERS_PYTHON is not set"),
        .enabled(if: hasBrowser, "there is no chromium"), arguments: pages)
    func theReportOfARealRunIsAFaultlessPage(pipeline: String, page: String) throws {
        let place = try Workplace()
        for folder in ["pipelines", "schemas"] {
            let copied = try Subprocess.output(
                of: ["cp", "-R", "\(Workplace.repository)/\(folder)", place.folder], mergesErrors: true)
            #expect(copied.isEmpty)
        }
        let stage = page == pipeline ? "report" : "look"
        let result = try place.sluice("run", "pipelines/\(pipeline).yaml", stage)
        try #require(result.status == 0, "\(result.err)")
        let (isFine, said) = try check("check_page.py", "\(place.folder)/reports/\(page).html")
        #expect(isFine, "\(said)")
    }
}
