import TestServers
import Testing

@testable import Transfers

@Suite struct ProxyTests {
    @Test func `a proxy is asked where the environment says so`() throws {
        let proxy = try FaultServer { request, _ in .answer(200, request.target) }
        var settings = quickly()
        settings.proxies = ProxyRules(environment: [
            "http_proxy": proxy.address, "no_proxy": "direct.example,127.0.0.1",
            "HTTP_PROXY": "http://wrong:1",
        ])
        let fetch = try Fetch("http://somewhere.example/x?y=1")
        _ = try fetch.run(settings)
        #expect(try fetch.bytes == Array("http://somewhere.example/x?y=1".utf8))
        let direct = try FaultServer { request, _ in .answer(200, request.target) }
        let other = try Fetch(direct.address + "/z")
        _ = try other.run(settings)
        #expect(try other.bytes == Array("/z".utf8))
        #expect(proxy.requests.count == 1)
    }

    /// libcurl would look into the process's own environment.
    @Test func `without one nobody else is asked`() {
        let rules = ProxyRules(environment: [:])
        #expect(rules.proxy(scheme: "http") == "" && rules.proxy(scheme: "https") == "" && rules.except == "")
        let all = ProxyRules(environment: ["ALL_PROXY": "socks5h://p", "HTTPS_PROXY": "http://q"])
        #expect(all.proxy(scheme: "http") == "socks5h://p" && all.proxy(scheme: "https") == "http://q")
    }
}
