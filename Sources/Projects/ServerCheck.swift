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
            let places = places(of: requirement.name, plan, isWhole: isWhole)
            if let finding = finding(of: requirement.name, places) {
                findings.add(finding, at: requirement.range)
            }
        }
    }

    /// Where a server is looked for, and why it is not known where; each once.
    struct Places {
        var addresses: [ServerAddress] = []
        var errors: [StageError] = []

        /// - Parameter ask: Nil for a server that is not looked after.
        mutating func add(_ ask: () throws -> ServerAddress?) {
            do {
                if let address = try ask(), !addresses.contains(address) { addresses.append(address) }
            } catch {
                let error = error as? StageError ?? StageError("\(error)")
                if !errors.contains(error) { errors.append(error) }
            }
        }
    }

    func places(of name: String, _ plan: Plan, isWhole: Bool) -> Places {
        var places = Places()
        var isFetchedFrom = false
        for stage in plan.stages {
            guard let kind = stage.kind, let fetch = kind.fetch else { continue }
            let parameters = kind.forFetch(stage.parameters)
            // Files of another server's clients are none of this one's, not even broken ones.
            guard fetch.serverName(parameters) == name else { continue }
            isFetchedFrom = true
            places.add { try fetch.server(parameters, environment)?.address }
        }
        let mayBeCommands = isWhole || plan.stages.contains { $0.kind == nil }
        if isFetchedFrom || !mayBeCommands { return places }
        places.add {
            guard let address = try RequiredServers.server(name, environment).address else {
                throw StageError("nothing says where it is")
            }
            return address
        }
        return places
    }

    /// Why a server cannot be had; nil when it answers everywhere. It is one finding, since of two with the same message
    /// at the same place one is shown.
    private func finding(of name: String, _ places: Places) -> ProjectFinding? {
        let variables = RequiredServers.variables(name)
        let refused = places.addresses.compactMap { address in
            address.refusal(within: Self.limit).map { (address: "\(address)", reason: $0) }
        }
        if refused.isEmpty {
            if places.errors.isEmpty { return nil }
            let fixes = places.errors.map { $0.fix ?? "set \(variables) to where it is" }
            return .serverWithoutAddress(
                name: name, reason: places.errors.map(\.message).joined(separator: "\n"),
                fix: fixes.joined(separator: "; "))
        }
        var reasons = refused.map { "\($0.address): \($0.reason)" } + places.errors.map(\.description)
        if reasons.count == 1 { reasons = [refused[0].reason] }
        return .serverMissing(
            name: name, address: refused.map(\.address).joined(separator: "\n"),
            reason: reasons.joined(separator: "\n"), variables: variables)
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
