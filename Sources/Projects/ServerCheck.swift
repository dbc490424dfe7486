import Diagnostics
import PipelineLanguage
import Planner
import Platform
import StageLibrary

/// `requires: [mysql, postgres, s3]`: whether each server answers where the
/// stages that fetch from it look, or else where the usual variables and
/// profiles say it is. Asked before a run starts anything, and never by
/// `check`, which does not touch the network.
struct ServerCheck {
    let environment: [String: String]

    /// So long a server may take to accept a connection, in seconds.
    static let limit = 2.0

    static func checkNames(_ requirements: [Requirement], into findings: inout Diagnostics) {
        let known = RequiredServers.names
        for requirement in requirements where !known.contains(requirement.name) {
            findings.add(
                ProjectFinding.unknownRequirement(requirement.name, known: known), at: requirement.range)
        }
    }

    /// Every server that does not answer, each at its place.
    ///
    /// - Parameter isWhole: Whether the plan has all stages, and not only those that are to run.
    func run(
        _ requirements: [Requirement], of plan: Plan, isWhole: Bool, into findings: inout Diagnostics
    ) {
        var asked: Set<String> = []
        for requirement in requirements where asked.insert(requirement.name).inserted {
            let name = requirement.name
            let variables = RequiredServers.variables(name)
            do {
                for address in try addresses(of: name, plan, isWhole: isWhole) {
                    if let reason = address.refusal(within: Self.limit) {
                        findings.add(
                            ProjectFinding.serverMissing(
                                name: name, address: "\(address)", reason: reason, variables: variables),
                            at: requirement.range)
                    }
                }
            } catch {
                let error = error as? StageError
                findings.add(
                    ProjectFinding.serverWithoutAddress(
                        name: name, reason: error?.message ?? "nothing says where it is",
                        fix: error?.fix ?? "set \(variables) to where it is"),
                    at: requirement.range)
            }
        }
    }

    private struct Nowhere: Error {}

    /// Where a server is looked for, each place once.
    ///
    /// - Throws: `StageError` where what says so cannot be read, `Nowhere` where nothing does.
    func addresses(of name: String, _ plan: Plan, isWhole: Bool) throws -> [ServerAddress] {
        var found: [ServerAddress] = []
        var isFetchedFrom = false
        for stage in plan.stages {
            guard let kind = stage.kind, let fetch = kind.fetch,
                let server = try fetch.server(kind.forFetch(stage.parameters), environment),
                server.name == name
            else { continue }
            isFetchedFrom = true
            if let address = server.address, !found.contains(address) { found.append(address) }
        }
        let mayBeCommands = isWhole || plan.stages.contains { $0.kind == nil }
        if isFetchedFrom || !mayBeCommands { return found }
        guard let address = try RequiredServers.server(name, environment).address else { throw Nowhere() }
        return [address]
    }
}

extension LoadedPipeline {
    /// Names every required server that does not answer.
    ///
    /// - Throws: `DiagnosticError` with all of them.
    public func checkServers(environment: [String: String]) throws {
        var findings = Diagnostics()
        ServerCheck(environment: environment).run(
            requires, of: plan, isWhole: part == nil, into: &findings)
        if findings.hasErrors { throw DiagnosticError(findings) }
    }
}
