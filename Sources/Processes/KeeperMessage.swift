/// What the runner asks of the keeper.
enum KeeperOrder: Hashable {
    case spawn(ProcessRequest)
    case cancel(id: Int, Cancellation)

    var bytes: [UInt8] {
        var writer = MessageWriter()
        switch self {
        case .spawn(let request):
            writer.put(0)
            writer.put(request.id)
            writer.put(request.arguments)
            let names = request.environment.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            writer.put(names)
            writer.put(names.map { request.environment[$0] ?? "" })
            writer.put(request.workingDirectory)
            writer.put(request.logPath)
            writer.put(request.secrets)
            writer.put(request.timeout)
            writer.put(request.grace)
            writer.put(request.memory)
            writer.put(request.hasReportPipe)
            writer.put(request.confinement != nil)
            if let confinement = request.confinement {
                writer.put(confinement.hiddenRoot)
                writer.put(confinement.readable)
                writer.put(confinement.binds.map(\.source))
                writer.put(confinement.binds.map(\.target))
            }
        case .cancel(let id, let how):
            writer.put(1)
            writer.put(id)
            writer.put(Int(how.rawValue))
        }
        return writer.bytes
    }

    init(_ bytes: ArraySlice<UInt8>) throws(MalformedMessage) {
        var reader = MessageReader(bytes)
        switch try reader.int() {
        case 0:
            let id = try reader.int()
            let arguments = try reader.strings()
            let names = try reader.strings()
            let values = try reader.strings()
            guard names.count == values.count, !arguments.isEmpty else { throw MalformedMessage() }
            let environment = Dictionary(zip(names, values), uniquingKeysWith: { first, _ in first })
            self = .spawn(
                ProcessRequest(
                    id: id, arguments: arguments, environment: environment,
                    workingDirectory: try reader.string(), logPath: try reader.string(),
                    secrets: try reader.strings(),
                    timeout: try reader.optional { r throws(MalformedMessage) in try r.double() },
                    grace: try reader.double(),
                    memory: try reader.optional { r throws(MalformedMessage) in try r.int64() },
                    hasReportPipe: try reader.bool(),
                    confinement: try reader.optional { r throws(MalformedMessage) in
                        try Confinement(from: &r)
                    }))
        case 1:
            let id = try reader.int()
            guard let how = Cancellation(rawValue: UInt8(truncatingIfNeeded: try reader.int())) else {
                throw MalformedMessage()
            }
            self = .cancel(id: id, how)
        default: throw MalformedMessage()
        }
    }
}

extension Confinement {
    fileprivate init(from reader: inout MessageReader) throws(MalformedMessage) {
        self.init(
            hiddenRoot: try reader.optional { r throws(MalformedMessage) in try r.string() },
            readable: try reader.strings())
        let sources = try reader.strings()
        let targets = try reader.strings()
        guard sources.count == targets.count else { throw MalformedMessage() }
        binds = zip(sources, targets).map { Bind(source: $0, target: $1) }
    }
}

/// What the keeper tells the runner, as bytes.
extension ProcessEvent {
    var bytes: [UInt8] {
        var writer = MessageWriter()
        switch self {
        case .report(let id, let line):
            writer.put(0)
            writer.put(id)
            writer.put(line)
        case .ended(let id, let outcome):
            writer.put(1)
            writer.put(id)
            let (kind, value) = outcome.ending.code
            writer.put(kind)
            writer.put(value)
            writer.put(outcome.obstacle)
            writer.put(outcome.wallSeconds)
            writer.put(outcome.cpuSeconds)
            writer.put(outcome.peakResidentBytes)
            writer.put(outcome.peakAnonymousBytes)
            writer.put(outcome.logBytes)
            writer.put(outcome.droppedLogBytes)
            writer.put(outcome.leftBehind)
        case .interrupted(let count):
            writer.put(2)
            writer.put(count)
        }
        return writer.bytes
    }

    init(_ bytes: ArraySlice<UInt8>) throws(MalformedMessage) {
        var reader = MessageReader(bytes)
        switch try reader.int() {
        case 0: self = .report(id: try reader.int(), line: try reader.bytes())
        case 1:
            let id = try reader.int()
            let kind = try reader.int()
            var outcome = ProcessOutcome(try .init(code: kind, value: try reader.int64()))
            outcome.obstacle = try reader.optional { r throws(MalformedMessage) in try r.string() }
            outcome.wallSeconds = try reader.double()
            outcome.cpuSeconds = try reader.double()
            outcome.peakResidentBytes = try reader.int64()
            outcome.peakAnonymousBytes = try reader.optional { r throws(MalformedMessage) in try r.int64() }
            outcome.logBytes = try reader.int64()
            outcome.droppedLogBytes = try reader.int64()
            outcome.leftBehind = try reader.int()
            self = .ended(id: id, outcome)
        case 2: self = .interrupted(count: try reader.int())
        default: throw MalformedMessage()
        }
    }
}

extension ProcessOutcome.Ending {
    fileprivate var code: (Int, Int64) {
        switch self {
        case .exited(let code): (0, Int64(code))
        case .signalled(let number): (1, Int64(number))
        case .timedOut: (2, 0)
        case .outOfMemory(let bytes): (3, bytes)
        case .cancelled: (4, 0)
        case .couldNotStart(let number): (5, Int64(number))
        }
    }

    fileprivate init(code: Int, value: Int64) throws(MalformedMessage) {
        let number = Int32(truncatingIfNeeded: value)
        switch code {
        case 0: self = .exited(number)
        case 1: self = .signalled(number)
        case 2: self = .timedOut
        case 3: self = .outOfMemory(value)
        case 4: self = .cancelled
        case 5: self = .couldNotStart(number)
        default: throw MalformedMessage()
        }
    }
}
